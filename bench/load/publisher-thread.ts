import { parentPort, workerData } from 'node:worker_threads';
import type { PublishJob } from './jobs.ts';
import { Ledger, type LedgerMemory } from './ledger.ts';
import { run } from './publish-run.ts';
import { PlayedBroker } from './played-broker.ts';
import { Publisher } from './publisher.ts';
import type { Feed } from './shape.ts';

/** A thread of its own, so that a stamp never waits for a reader that is busy. */
export interface PublisherThreadData {
  readonly feed: Feed;
  readonly payloadBytes: number;
  readonly ledger: LedgerMemory;
}

const { feed, payloadBytes, ledger: memory } = workerData as PublisherThreadData;
const ledger = new Ledger(memory);

/** Settles at once where there is a broker, and with the server's subscription where it is played. */
async function openPublisher(): Promise<Publisher> {
  if (!feed.plays) return Publisher.open(feed.mqttPort, ledger, payloadBytes);
  const broker = new PlayedBroker(feed.mqttPort);
  await broker.listening;
  parentPort?.postMessage('listening');
  const { socket, version } = await broker.subscriber;
  return new Publisher(socket, version, ledger, payloadBytes);
}

const publisher = openPublisher();

parentPort?.on('message', (job: PublishJob) => {
  void publisher
    .then((open) => run(job, open, ledger))
    .then((report) => parentPort?.postMessage(report));
});
