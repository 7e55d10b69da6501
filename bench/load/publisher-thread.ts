import { parentPort, workerData } from 'node:worker_threads';
import type { PublishJob } from './jobs.ts';
import { Ledger, type LedgerMemory } from './ledger.ts';
import { run } from './pace.ts';
import { Publisher } from './publisher.ts';

/** A thread of its own, so that a stamp never waits for a reader that is busy. */
export interface PublisherThreadData {
  readonly mqttPort: number;
  readonly payloadBytes: number;
  readonly ledger: LedgerMemory;
}

const data = workerData as PublisherThreadData;
const ledger = new Ledger(data.ledger);
const publisher = await Publisher.open(data.mqttPort, ledger, data.payloadBytes);

parentPort?.on('message', (job: PublishJob) => {
  void run(job, publisher, ledger).then((report) => parentPort?.postMessage(report));
});
