import mqtt from 'mqtt';
import { describe, expect, it } from 'vitest';
import type { GatewayOptions } from '../../src/config/gateway-options.ts';
import { connectDevice, type Device } from '../support/device.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { keepLines, type KeptLine } from '../support/kept-lines.ts';
import { startMosquitto, type Mosquitto } from '../support/mosquitto.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { isPlain, openStreams, streamKinds, type Stream } from '../support/streams.ts';
import { until } from '../support/until.ts';

const interrupted = { missed: null, reason: 'SOURCE_INTERRUPTED' };
const topic = 'devices/d/messages';

/** A gateway that reads from Mosquitto over a way that can be cut, with clients on every stream that tells gaps. */
class House implements AsyncDisposable {
  readonly lines: readonly KeptLine[];
  readonly gateway: TestGateway;
  readonly device: Device;
  readonly #way: TcpProxy;
  readonly #mosquitto: Mosquitto;
  readonly #streams: Stream[] = [];

  private constructor(parts: Parts) {
    this.lines = parts.lines;
    this.gateway = parts.gateway;
    this.device = parts.device;
    this.#way = parts.way;
    this.#mosquitto = parts.mosquitto;
  }

  static async open(
    options: GatewayOptions = {},
    mosquittoLines: readonly string[] = [],
  ): Promise<House> {
    const mosquitto = await startMosquitto({ lines: mosquittoLines });
    const way = await startTcpProxy(mosquitto.url);
    const { logger, lines } = keepLines();
    const mqttUrl = way.url.replace(/^http/, 'mqtt');
    const gateway = await startTestGateway({ mqttUrl, logger, ...options });
    const device = await connectDevice(mosquitto.url);
    return new House({ lines, gateway, device, way, mosquitto });
  }

  /** New clients of this device, one on every stream that can go on behind this position. */
  async follow(deviceId: string, position?: string): Promise<Stream[]> {
    const after = position === undefined ? [] : [{ deviceId, position }];
    const options = { tellsGaps: true, after };
    const kinds = streamKinds.filter((kind) => position === undefined || !isPlain(kind));
    const streams = await openStreams(kinds, this.gateway, [deviceId], options);
    this.#streams.push(...streams);
    return streams;
  }

  async position(deviceId: string): Promise<string> {
    const query = `{ currentPositions(deviceIds: ["${deviceId}"]) { position } }`;
    const response = await fetch(`${this.gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    const { data } = (await response.json()) as {
      data: { currentPositions: [{ position: string }] };
    };
    return data.currentPositions[0].position;
  }

  /** Away from the broker for as long as this takes. */
  async away(meanwhile: () => Promise<unknown>): Promise<void> {
    this.#way.refuse(true);
    this.#way.cut();
    await this.gateway.until(({ ingestConnected }) => !ingestConnected);
    await meanwhile();
    this.#way.refuse(false);
    await this.gateway.until(({ ingestConnected }) => ingestConnected);
  }

  async loseSession(): Promise<void> {
    await this.away(() => this.#mosquitto.restart());
  }

  publish(payload: number, qos: 0 | 1 = 1): Promise<void> {
    return this.device.publish(topic, String(payload), { qos });
  }

  publishAll(payloads: readonly number[]): Promise<void> {
    return this.device.publishAll(payloads.map((n) => ({ topic, payload: String(n) })));
  }

  /** The newest line of this event. */
  line(event: string): KeptLine | undefined {
    return this.lines.findLast(({ fields }) => fields['event'] === event);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stream of this.#streams) await stream[Symbol.asyncDispose]();
    await this.device[Symbol.asyncDispose]();
    await this.gateway.close();
    await this.#way[Symbol.asyncDispose]();
    await this.#mosquitto[Symbol.asyncDispose]();
  }
}

interface Parts {
  readonly lines: readonly KeptLine[];
  readonly gateway: TestGateway;
  readonly device: Device;
  readonly way: TcpProxy;
  readonly mosquitto: Mosquitto;
}

/** What each of these streams tells next: the payloads, and the gaps that are there. */
async function expectNext(
  streams: readonly Stream[],
  ...messages: readonly [payload: number, gap: object | null][]
): Promise<void> {
  for (const [i, stream] of streams.entries()) {
    const told = await stream.take(messages.length);
    expect(
      told.map(({ payloadText, gap }) => [numberIn(payloadText), gap]),
      streamKinds[i],
    ).toEqual(messages);
  }
}

/** The payload; on the plain stream it is the `value`. */
function numberIn(text: string): number {
  return Number(/\d+(?=\}?$)/.exec(text));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

describe('a connection to the MQTT broker that was cut', () => {
  it('without a client id is told to every client that was there before', async () => {
    await using house = await House.open();
    const live = await house.follow('d');
    const before = await house.position('d');
    await house.publish(1);
    await expectNext(live, [1, null]);
    await house.away(() => house.publish(2));
    const late = await house.follow('d');
    await house.publish(3);
    await house.publish(4);
    await expectNext(live, [3, interrupted], [4, null]);
    await expectNext(late, [3, null], [4, null]);
    await expectNext(await house.follow('d', before), [1, null], [3, interrupted], [4, null]);
    expect(house.gateway.stats().sourceInterruptions).toBe(1);
    expect(house.line('mqtt.no_session')?.level).toBe('info');
    expect(house.line('mqtt.interrupted')).toMatchObject({
      level: 'warn',
      fields: { session: 'none', concerned: 'all', awayMs: expect.any(Number) },
    });
  });

  it('is told to a client that was away itself, and had seen everything', async () => {
    await using house = await House.open();
    await house.publish(1);
    await house.gateway.until(({ totalMessagesProcessed }) => totalMessagesProcessed === 1);
    const before = await house.position('d');
    await house.away(() => house.publish(2));
    const resumed = await house.follow('d', before);
    await house.publish(3);
    await expectNext(resumed, [3, interrupted]);
  });

  it('with a client id is told where nobody says how much the broker queues', async () => {
    await using house = await House.open({ mqttClientId: 'gateway' });
    const live = await house.follow('d');
    await house.publish(1);
    await expectNext(live, [1, null]);
    await house.away(() => house.publish(2));
    await house.publish(3);
    await expectNext(live, [2, interrupted], [3, null]);
    expect(house.line('mqtt.interrupted')?.fields).toMatchObject({
      session: 'kept',
      concerned: 'all',
    });
    expect(house.line('mqtt.no_session')).toBeUndefined();
  });

  it('is not told when the broker queues everything', async () => {
    await using house = await House.open({ mqttClientId: 'gateway', mqttQueueLimit: 0 });
    const live = await house.follow('d');
    await house.publish(1);
    await expectNext(live, [1, null]);
    await house.away(() => house.publishAll([2, 3]));
    await house.publish(4);
    await expectNext(live, [2, null], [3, null], [4, null]);
    expect(house.line('mqtt.interrupted')?.fields).toMatchObject({
      session: 'kept',
      concerned: 'at-most-once',
    });
  });

  it('is not told when the queue of the broker ends below its limit, also not later', async () => {
    await using house = await House.open({ mqttClientId: 'gateway', mqttQueueLimit: 1_000 });
    const [stream] = await house.follow('d');
    await house.publish(1);
    await stream!.take(1);
    await house.away(() => house.publishAll(range(2, 500)));
    await until('the queue has ended', () => house.line('mqtt.queue_complete') !== undefined);
    // More than the limit, and none of it from the queue.
    for (let from = 501; from <= 2_000; from += 50) {
      await house.publishAll(range(from, from + 49));
      await house.gateway.until(({ messagesQueued }) => messagesQueued === 0);
    }
    const told = await stream!.take(1_999);
    expect(told.map(({ payloadText }) => Number(payloadText))).toEqual(range(2, 2_000));
    expect(told.filter(({ gap }) => gap !== null)).toEqual([]);
    expect(house.line('mqtt.queue_full')).toBeUndefined();
  });

  it('is told in compressed messages too', async () => {
    await using house = await House.open({ websocketCompression: 'on' });
    const live = await house.follow('d');
    await house.away(() => house.publish(1));
    await house.publish(2);
    await expectNext(live, [2, interrupted]);
  });

  it('is told for a device that sends at QoS 0, which no session keeps', async () => {
    await using house = await House.open({ mqttClientId: 'gateway', mqttQueueLimit: 0 });
    const live = await house.follow('d');
    await house.publish(1, 0);
    await expectNext(live, [1, null]);
    await house.away(() => house.publish(2, 0));
    await house.publish(3);
    await expectNext(live, [3, interrupted]);
  });

  it('is told when the queue of the broker was full', async () => {
    await using house = await House.open({ mqttClientId: 'gateway', mqttQueueLimit: 100 }, [
      'max_queued_messages 100',
    ]);
    const [stream] = await house.follow('d');
    await house.away(() => house.publishAll(range(1, 300)));
    await until('the log tells it', () => house.line('mqtt.queue_full') !== undefined);
    await house.publish(301);
    // Mosquitto refuses what comes to a full queue: the loss is in front of the message behind it.
    const told = [];
    for await (const { payloadText, gap } of stream!) {
      if (gap !== null) told.push([payloadText, gap]);
      if (payloadText === '301') break;
    }
    expect(told).toEqual([['301', interrupted]]);
    expect(house.line('mqtt.queue_full')?.fields).toMatchObject({ queueLimit: 100 });
  });

  it('is told when the broker has lost the session, whatever it queues', async () => {
    await using house = await House.open({ mqttClientId: 'gateway', mqttQueueLimit: 0 });
    const live = await house.follow('d');
    await house.publish(1);
    await expectNext(live, [1, null]);
    await house.loseSession();
    await using device = await connectDevice(house.gateway.mqttUrl);
    await device.publish(topic, '2');
    await expectNext(live, [2, interrupted]);
    expect(house.line('mqtt.session_lost')?.level).toBe('warn');
    expect(house.line('mqtt.interrupted')?.fields).toMatchObject({ session: 'lost' });
  });
});

describe('the MQTT broker', () => {
  it('that grants a lower QoS is told in the log', async () => {
    await using house = await House.open({}, ['max_qos 0']);
    expect(house.line('mqtt.qos_lowered')).toMatchObject({
      level: 'warn',
      fields: { filter: 'devices/+/messages', asked: 1, granted: 0 },
    });
  });

  it('that freezes is noticed after one and a half times SLUICE_MQTT_KEEP_ALIVE_S', async () => {
    await using mosquitto = await startMosquitto();
    await using way = await startTcpProxy(mosquitto.url);
    await using gateway = await startTestGateway({
      mqttUrl: way.url.replace(/^http/, 'mqtt'),
      mqttKeepAliveS: 1,
    });
    way.stall();
    await gateway.until(({ ingestConnected }) => !ingestConnected);
    expect(gateway.stats().sourceInterruptions).toBe(1);
  });

  it('that has another client with the same id is asked less and less often', async () => {
    await using house = await House.open({ mqttClientId: 'gateway' });
    for (let n = 1; n <= 3; n += 1) {
      await house.gateway.until(({ ingestConnected }) => ingestConnected);
      const rival = await mqtt.connectAsync(house.gateway.mqttUrl, {
        clientId: 'gateway',
        clean: false,
        reconnectPeriod: 0,
      });
      rival.on('error', () => undefined);
      await until('it is out', () => house.gateway.stats().sourceInterruptions === n);
      await rival.endAsync(true);
    }
    await until('the log tells it', () => house.line('mqtt.client_id_in_use') !== undefined);
    expect(house.line('mqtt.client_id_in_use')).toMatchObject({
      level: 'warn',
      fields: { clientId: 'gateway' },
    });
  });
});
