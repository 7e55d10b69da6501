import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Crowd } from './crowd.ts';
import type { PublishJob, PublishReport } from './jobs.ts';
import { Ledger } from './ledger.ts';
import { awaitSubscriptions, runPhase } from './phase.ts';
import type { LoadAnswer, LoadRequest } from './protocol.ts';
import type { PublisherThreadData } from './publisher-thread.ts';
import { allDevices, type Shape, type Target } from './shape.ts';

/** The load process: the clients on its main thread, the publisher on a second one. */
interface Load {
  readonly crowd: Crowd;
  readonly ledger: Ledger;
  readonly shape: Shape;
  readonly publish: (job: PublishJob) => Promise<PublishReport>;
}

let load: Load | undefined;

async function open(shape: Shape, target: Target): Promise<Load> {
  const memory = Ledger.allocate(allDevices(shape));
  const ledger = new Ledger(memory);
  const workerData: PublisherThreadData = {
    mqttPort: target.mqttPort,
    payloadBytes: shape.payloadBytes,
    ledger: memory,
  };
  const publisher = new Worker(new URL('publisher-thread.ts', import.meta.url), { workerData });
  publisher.unref();
  const crowd = new Crowd(shape, ledger);
  const publish = async (job: PublishJob): Promise<PublishReport> => {
    publisher.postMessage(job);
    const [report] = (await once(publisher, 'message')) as [PublishReport];
    return report;
  };
  await crowd.connect(target);
  return { crowd, ledger, shape, publish };
}

async function answer(request: LoadRequest): Promise<unknown> {
  if (request.call === 'open') {
    load = await open(request.shape, request.target);
    return undefined;
  }
  if (load === undefined) throw new Error('the load is not open');
  const { crowd, ledger, publish } = load;
  switch (request.call) {
    case 'subscribed': {
      // The filler has a turn too where there are clients for it.
      const filler = load.shape.stalling === undefined ? 0 : 1;
      return awaitSubscriptions(load.shape.devices + filler, crowd, publish);
    }
    case 'run':
      return runPhase(request.phase, crowd, ledger, publish);
    case 'stall':
      return crowd.stall();
    case 'close':
      return crowd.close();
  }
}

process.on('message', (request: LoadRequest) => {
  void answer(request).then(
    (value) => process.send?.({ value } satisfies LoadAnswer),
    (error: Error) => process.send?.({ error: error.message } satisfies LoadAnswer),
  );
});
// No process outlives the one that started it.
process.on('disconnect', () => process.exit());
