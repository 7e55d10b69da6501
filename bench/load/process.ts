import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Crowd } from './crowd.ts';
import type { PublishJob, PublishReport } from './jobs.ts';
import { Ledger } from './ledger.ts';
import { awaitSubscriptions, runPhase, seal } from './phase.ts';
import type { LoadAnswer, LoadRequest } from './protocol.ts';
import type { PublisherThreadData } from './publisher-thread.ts';
import { allDevices, type Feed, type Shape } from './shape.ts';

/** The load process: the clients on its main thread, the publisher on a second one. */
interface Load {
  readonly crowd: Crowd;
  readonly ledger: Ledger;
  readonly shape: Shape;
  readonly publish: (job: PublishJob) => Promise<PublishReport>;
}

let load: Load | undefined;

async function start(shape: Shape, feed: Feed): Promise<Load> {
  const memory = Ledger.allocate(allDevices(shape));
  const ledger = new Ledger(memory);
  const workerData: PublisherThreadData = {
    feed,
    payloadBytes: shape.payloadBytes,
    ledger: memory,
  };
  const publisher = new Worker(new URL('publisher-thread.ts', import.meta.url), { workerData });
  publisher.unref();
  if (feed.plays) await once(publisher, 'message');
  const crowd = new Crowd(shape, ledger);
  const publish = async (job: PublishJob): Promise<PublishReport> => {
    publisher.postMessage(job);
    const [report] = (await once(publisher, 'message')) as [PublishReport];
    return report;
  };
  return { crowd, ledger, shape, publish };
}

async function answer(request: LoadRequest): Promise<unknown> {
  if (request.call === 'feed') {
    load = await start(request.shape, request.feed);
    return undefined;
  }
  if (load === undefined) throw new Error('the load is not started');
  const { crowd, ledger, publish } = load;
  switch (request.call) {
    case 'connect':
      return crowd.connect(request.target);
    case 'subscribed': {
      // The filler has a turn too where there are clients for it.
      const filler = load.shape.stalling === undefined ? 0 : 1;
      return awaitSubscriptions(load.shape.devices + filler, crowd, publish);
    }
    case 'run':
      return runPhase(request.phase, crowd, ledger, publish);
    case 'seal':
      return seal(load.shape.devices, request.patienceMs, crowd, ledger, publish);
    case 'stall':
      return crowd.stall();
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
