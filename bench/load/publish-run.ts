import { setImmediate as turn } from 'node:timers/promises';
import { nowMicros } from './clock.ts';
import type { PublishJob, PublishReport } from './jobs.ts';
import type { Ledger } from './ledger.ts';
import type { Publisher } from './publisher.ts';

const floodBatch = 500;
const fillBatch = 16;
/**
 * A closed loop keeps about this much work outstanding, so that its end does not drag. With much less the
 * window follows the rate and the rate the window: a server that joins writes has then two speeds.
 */
const windowSeconds = 1;
const smallestWindow = 8;

/** `Atomics.wait` keeps time to some 50 µs and burns none; a timer of Node rounds up to 1 ms and more. */
const bed = new Int32Array(new SharedArrayBuffer(4));

async function sleep(micros: number): Promise<void> {
  await turn();
  if (micros > 0) Atomics.wait(bed, 0, 0, micros / 1000);
}

export async function run(
  job: PublishJob,
  publisher: Publisher,
  ledger: Ledger,
): Promise<PublishReport> {
  const startedAt = nowMicros();
  switch (job.kind) {
    case 'round':
      for (let from = 0; from < job.devices; from += floodBatch) {
        publisher.publishFrom(from, Math.min(floodBatch, job.devices - from));
        await publisher.drained();
      }
      return { published: job.devices, heldBack: 0, startedAt };
    case 'flood':
      for (let from = job.from; from < job.devices; from += floodBatch) {
        publisher.publishFrom(from, Math.min(floodBatch, job.devices - from));
        await publisher.drained();
      }
      return { published: job.devices - job.from, heldBack: 0, startedAt };
    case 'fill':
      for (let i = 0; i < job.count; i++) {
        publisher.publishOne(job.device, job.bytes);
        if (i % fillBatch === 0) await publisher.drained();
      }
      return { published: job.count, heldBack: 0, startedAt };
    case 'burst':
      publisher.publish(job.size, job.devices);
      return { published: job.size, heldBack: 0, startedAt };
    case 'rate':
      return atRate(job, publisher, ledger);
    case 'saturate':
      return saturate(job, publisher, ledger);
  }
}

async function atRate(
  job: Extract<PublishJob, { kind: 'rate' }>,
  publisher: Publisher,
  ledger: Ledger,
): Promise<PublishReport> {
  const before = ledger.received;
  const startedAt = nowMicros();
  const interval = 1e6 / job.perSecond;
  const total = Math.round(job.perSecond * job.seconds);
  let published = 0;
  for (let slot = 0; slot < total; slot++) {
    await sleep(startedAt + slot * interval - nowMicros());
    const outstanding = published - (ledger.received - before) / job.fanOut;
    if (outstanding >= job.maxOutstanding) continue;
    publisher.publish(1, job.devices);
    published++;
  }
  return { published, heldBack: total - published, startedAt };
}

async function saturate(
  job: Extract<PublishJob, { kind: 'saturate' }>,
  publisher: Publisher,
  ledger: Ledger,
): Promise<PublishReport> {
  const before = ledger.received;
  const startedAt = nowMicros();
  const endsAt = startedAt + job.seconds * 1e6;
  let published = 0;
  let window = smallestWindow;
  let ratedAt = startedAt;
  let ratedReceived = before;
  for (let now = startedAt; now < endsAt; now = nowMicros()) {
    const received = ledger.received;
    if (now - ratedAt > 50_000) {
      const perSecond = ((received - ratedReceived) / job.fanOut / (now - ratedAt)) * 1e6;
      window = Math.min(
        job.maxOutstanding,
        // It never shrinks: with many clients a turn of the server takes longer than a look at the rate.
        Math.max(window, Math.ceil(perSecond * windowSeconds)),
      );
      ratedAt = now;
      ratedReceived = received;
    }
    const room = Math.floor(window - (published - (received - before) / job.fanOut));
    if (room > 0) {
      publisher.publish(room, job.devices);
      published += room;
      await publisher.drained();
    }
    await sleep(500);
  }
  return { published, heldBack: 0, startedAt };
}
