import { describe, expect, it } from 'vitest';
import type { StreamedMessage } from '../support/arrivals.ts';
import { connectDevice } from '../support/device.ts';
import { startTestGateway } from '../support/gateway.ts';
import { memoryInUse } from '../support/memory.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import {
  openStream,
  openStreams,
  streamKinds,
  type Stream,
  type StreamKind,
} from '../support/streams.ts';
import { until } from '../support/until.ts';

const warmUp = 10_000;
/** Published and on their way at a time: the devices and the gateway share this process. */
const batch = 2_000;

/** 200 bytes. */
function payloadOf(n: number): string {
  const start = `{"n":${n},"filling":"`;
  return `${start}${'x'.repeat(200 - start.length - 2)}"}`;
}

function numberIn({ payloadText }: StreamedMessage): number {
  return Number(/"n":(\d+)/.exec(payloadText)?.[1]);
}

/** Counts what a stream brings instead of keeping it, and sees whether it ever goes back or skips. */
class Tally {
  count = 0;
  skipped = 0;
  disorder = 0;
  #last = -1;

  readonly add = (message: StreamedMessage): void => {
    const n = numberIn(message);
    this.count += 1;
    if (n <= this.#last) this.disorder += 1;
    else this.skipped += n - this.#last - 1;
    this.#last = n;
  };
}

/** Streams of these kinds stop reading: others lose nothing, every message is accounted for, and the rest comes later. */
async function stalls(stalledKinds: readonly StreamKind[], total: number): Promise<void> {
  await using mosquitto = await startMosquitto();
  await using gateway = await startTestGateway({ mqttUrl: mosquitto.url, mqttQos: 0 });
  await using device = await connectDevice(mosquitto.url);
  let published = 0;
  const publish = async (count: number): Promise<void> => {
    for (const end = published + count; published < end;) {
      const payloads = Array.from({ length: batch }, (_, i) => payloadOf(published + i));
      await Promise.all(
        payloads.map((payload) => device.publish('devices/d/messages', payload, { qos: 0 })),
      );
      published += batch;
      await gateway.until(({ totalMessagesProcessed }) => totalMessagesProcessed === published);
    }
  };
  const open = async (kind: StreamKind): Promise<{ tally: Tally; stream: Stream }> => {
    const tally = new Tally();
    return { tally, stream: await openStream(kind, gateway, ['d'], { each: tally.add }) };
  };
  const others = [await open('graphql-sse'), await open('plain-websocket')];
  const stalled: typeof others = [];
  for (const kind of stalledKinds) stalled.push(await open(kind));
  const everybody = [...others, ...stalled];
  const counts = (of: typeof others): number => sum(of.map(({ tally }) => tally.count));

  // First with nobody in the way, so that the process has what memory this needs at all.
  await publish(warmUp);
  await until('all have what came so far', () => counts(everybody) === everybody.length * warmUp);
  const memoryBefore = memoryInUse();

  for (const { stream } of stalled) stream.pause();
  await publish(total);
  const { messagesDelivered, messagesDropped, messagesQueued } = gateway.stats();
  await until('the others have everything', () => counts(others) === others.length * published);
  // Nothing is on its way any more, so this is what is kept.
  const memoryAfter = memoryInUse();
  for (const { tally } of others) expect(tally).toMatchObject({ skipped: 0, disorder: 0 });
  const deliveredToStalled = messagesDelivered - everybody.length * warmUp - others.length * total;
  expect(deliveredToStalled + messagesDropped + messagesQueued).toBe(stalled.length * total);
  expect(messagesQueued).toBe(stalled.length * gateway.settings.queueSize);
  expect(messagesDropped).toBeGreaterThan(0);
  expect(memoryAfter - memoryBefore).toBeLessThan(15);

  for (const { stream } of stalled) stream.resume();
  await until(
    'they have the rest',
    () => counts(stalled) + messagesDropped === stalled.length * published,
    () => ({ received: counts(stalled), messagesDropped, published }),
  );
  expect(gateway.stats()).toMatchObject({
    messagesQueued: 0,
    messagesDropped,
    messagesDelivered: everybody.length * published - messagesDropped,
  });

  // They are as good as the others again, and the numbers tell what each of them has missed.
  await device.publish('devices/d/messages', payloadOf(published));
  await until(
    'the next one arrives',
    () => counts(stalled) + messagesDropped === stalled.length * (published + 1),
  );
  for (const { tally } of stalled) {
    expect(tally.disorder).toBe(0);
    expect(tally.count + tally.skipped).toBe(published + 1);
  }
  expect(sum(stalled.map(({ tally }) => tally.skipped))).toBe(messagesDropped);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((so, number) => so + number, 0);
}

describe('a client that stops reading', { timeout: 120_000 }, () => {
  it('costs its own messages alone, while 100,000 are published', async () => {
    await stalls(['graphql-websocket'], 100_000);
  });

  it('costs little memory where messages come one by one', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    const kinds = [...streamKinds, ...streamKinds, ...streamKinds];
    const streams = await openStreams(kinds, gateway, ['d']);
    for (const stream of streams) stream.pause();
    const payload = JSON.stringify('x'.repeat(2_000));
    const memoryBefore = memoryInUse();
    while (gateway.stats().messagesQueued < kinds.length * gateway.settings.queueSize) {
      // Each in a turn of the event loop by itself, and so in a write by itself.
      await device.publish('devices/d/messages', payload);
    }
    // A megabyte each is far more than what may wait for a socket.
    expect(memoryInUse() - memoryBefore).toBeLessThan(kinds.length);
    // Lest the gateway waits for them when it closes.
    for (const stream of streams) stream.vanish();
  });

  it('costs them alone beside others that do the same, over each stream', async () => {
    await stalls(streamKinds, 60_000);
  });
});
