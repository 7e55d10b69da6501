/** The types of the library's public surface: `tsc` checks this file, and nothing runs it. */
import { pino } from 'pino';
import { describe, expectTypeOf, it } from 'vitest';
import {
  createGateway,
  type BrokerStats,
  type Delivery,
  type DeviceMessage,
  type Gap,
  type GapReason,
  type Gateway,
  type GatewayOptions,
  type Logger,
  type OverflowPolicy,
  type Settings,
  type SubscribeRequest,
  type Subscription,
} from '../src/index.ts';
// @ts-expect-error -- the broker is no part of the library
import type { Broker } from '../src/index.ts';
// @ts-expect-error -- nor is what only the command reads
import type { readSettings } from '../src/index.ts';

export type Hidden = [Broker, readSettings];

declare const gateway: Gateway;
declare const subscription: Subscription;
declare const message: DeviceMessage;

describe('createGateway', () => {
  it('needs no option', () => {
    expectTypeOf(createGateway()).toEqualTypeOf<Gateway>();
    expectTypeOf(createGateway({})).toEqualTypeOf<Gateway>();
  });

  it('takes options of the right types, undefined for the default included', () => {
    createGateway({ port: 0, overflow: 'drop-oldest', topics: ['devices/{deviceId}/messages'] });
    createGateway({ mqttUrl: undefined, queueSize: undefined, logger: undefined });
  });

  it('refuses options that do not exist or have the wrong type', () => {
    // @ts-expect-error -- a name that is none
    createGateway({ prot: 4000 });
    // @ts-expect-error -- the name of the environment variable
    createGateway({ SLUICE_PORT: 4000 });
    // @ts-expect-error -- a text where a number belongs
    createGateway({ port: '4000' });
    // @ts-expect-error -- the policy as the SDL spells it
    createGateway({ overflow: 'DROP_OLDEST' });
    // @ts-expect-error -- a quality of service that MQTT has not
    createGateway({ mqttQos: 3 });
    // @ts-expect-error -- one topic where several may stand
    createGateway({ topics: 'devices/{deviceId}/messages' });
    // @ts-expect-error -- null is not undefined
    createGateway({ mqttUrl: null });
  });

  it('takes the logger of a host', () => {
    createGateway({ logger: pino() });
    expectTypeOf(pino()).toExtend<Logger>();
    // @ts-expect-error -- a logger that cannot warn
    createGateway({ logger: { debug() {}, info() {}, error() {}, fatal() {} } });
  });
});

describe('Settings', () => {
  it('have every option with its value', () => {
    expectTypeOf<keyof Settings>().toEqualTypeOf<keyof GatewayOptions>();
    expectTypeOf(gateway.settings.port).toEqualTypeOf<number>();
    expectTypeOf(gateway.settings.mqttUrl).toEqualTypeOf<string | undefined>();
    expectTypeOf(gateway.settings.mqttQos).toEqualTypeOf<0 | 1 | 2>();
  });

  it('cannot be changed', () => {
    // @ts-expect-error -- read-only
    gateway.settings.port = 1;
    // @ts-expect-error -- read-only
    gateway.settings.topics.push('a/{deviceId}');
  });
});

describe('Gateway', () => {
  it('starts, closes and tells what it does', () => {
    expectTypeOf(gateway.start()).toEqualTypeOf<Promise<void>>();
    expectTypeOf(gateway.close()).toEqualTypeOf<Promise<void>>();
    expectTypeOf(gateway.stats()).toEqualTypeOf<BrokerStats>();
    expectTypeOf(gateway.url).toEqualTypeOf<string>();
    // @ts-expect-error -- read-only
    gateway.url = 'http://127.0.0.1';
  });

  it('subscribes to devices, and needs to be told which', () => {
    expectTypeOf(gateway.subscribe({ deviceIds: ['a'] })).toEqualTypeOf<Subscription>();
    const ids: readonly string[] = ['a'];
    gateway.subscribe({ deviceIds: ids, overflow: 'LATEST', maxQueued: 5, who: 'me' });
    // @ts-expect-error -- no device
    gateway.subscribe({});
    // @ts-expect-error -- no list
    gateway.subscribe({ deviceIds: 'a' });
    // @ts-expect-error -- the policy as the options spell it
    gateway.subscribe({ deviceIds: ['a'], overflow: 'latest' });
    gateway.subscribe({ deviceIds: ['a'], after: [{ deviceId: 'a', position: 'e-1' }], replay: 1 });
    // @ts-expect-error -- a position without its device
    gateway.subscribe({ deviceIds: ['a'], after: ['e-1'] });
    // @ts-expect-error -- no such request
    gateway.subscribe({ deviceIds: ['a'], before: [] });
  });

  it('has these policies', () => {
    expectTypeOf<OverflowPolicy>().toEqualTypeOf<
      'DROP_NEWEST' | 'DROP_OLDEST' | 'LATEST' | 'DISCONNECT'
    >();
    expectTypeOf<SubscribeRequest['overflow']>().toEqualTypeOf<OverflowPolicy | undefined>();
  });
});

describe('Subscription', () => {
  it('is an async iterator of deliveries', async () => {
    for await (const delivery of subscription) expectTypeOf(delivery).toEqualTypeOf<Delivery>();
    await using scoped = subscription;
    expectTypeOf(scoped.next()).toEqualTypeOf<Promise<IteratorResult<Delivery, undefined>>>();
    expectTypeOf(scoped.return()).toEqualTypeOf<Promise<IteratorReturnResult<undefined>>>();
    expectTypeOf(scoped).toExtend<AsyncIterableIterator<Delivery, undefined> & AsyncDisposable>();
  });

  it('says whether its value is there', async () => {
    const result = await subscription.next();
    if (result.done === true) expectTypeOf(result.value).toEqualTypeOf<undefined>();
    else expectTypeOf(result.value.payload).toEqualTypeOf<string>();
    // @ts-expect-error -- it may have ended
    void result.value.payload;
  });

  it('tells its state and cannot be told it', () => {
    expectTypeOf(subscription.ended).toEqualTypeOf<boolean>();
    expectTypeOf(subscription.queued).toEqualTypeOf<number>();
    // @ts-expect-error -- read-only
    subscription.ended = true;
    // @ts-expect-error -- read-only
    subscription.deviceIds.push('b');
  });
});

describe('Delivery', () => {
  it('is a message, with a gap when something is missing before it', () => {
    expectTypeOf<Delivery>().toExtend<DeviceMessage>();
    expectTypeOf<Delivery['gap']>().toEqualTypeOf<Gap | undefined>();
    expectTypeOf<Gap['missed']>().toEqualTypeOf<number | null>();
    expectTypeOf<GapReason>().toEqualTypeOf<
      'QUEUE_OVERFLOW' | 'CONFLATED' | 'HISTORY_EXPIRED' | 'SOURCE_INTERRUPTED' | 'STREAM_RESET'
    >();
  });

  it('is shared, and so nobody may write to it', () => {
    expectTypeOf(message).toEqualTypeOf<Readonly<DeviceMessage>>();
    // @ts-expect-error -- read-only
    message.payload = '{}';
    // @ts-expect-error -- read-only
    message.sequence += 1;
    // @ts-expect-error -- the payload is text: numbers keep their digits
    void message.payload.temperature;
  });
});

// The library, where a host holds it wrong.
export async function host(): Promise<void> {
  const request: SubscribeRequest = { deviceIds: ['a'] as const };
  expectTypeOf<ReturnType<Gateway['subscribe']>>().toEqualTypeOf<Subscription>();
  for await (const { gap, ...rest } of gateway.subscribe(request)) {
    expectTypeOf<typeof gap>().toEqualTypeOf<Gap | undefined>();
    const whole: DeviceMessage = rest;
    void whole;
    // @ts-expect-error -- there is a gap only where something is missing
    void gap.missed;
    // @ts-expect-error -- how many is not always known
    const missed: number = gap?.missed ?? null;
    void missed;
  }
  // @ts-expect-error -- subscribing is no promise
  void gateway.subscribe(request).then;
  // @ts-expect-error -- stats are a snapshot
  gateway.stats().connections += 1;
  // @ts-expect-error -- publishing is for devices
  void gateway.publish;
  // @ts-expect-error -- a subscription has a reason to end
  subscription.end();
  // @ts-expect-error -- and it is one of a few
  subscription.end('BORED');
  // @ts-expect-error -- no iterator of plain messages with something else in them
  const others: AsyncIterable<DeviceMessage & { tenant: string }> = subscription;
  void others;
  const messages: AsyncIterable<DeviceMessage> = subscription;
  void messages;
  expectTypeOf<
    typeof subscription extends AsyncIterable<infer Each> ? Each : never
  >().toEqualTypeOf<Delivery>();
}
