import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createMqttSource, type MqttSourceOptions } from '../../src/ingest/mqtt-source.ts';
import type { Concerned } from '../../src/kernel/arrival.ts';
import { keepLines } from '../support/kept-lines.ts';
import { until } from '../support/until.ts';

const connack = (sessionPresent: boolean) => [0x20, 3, Number(sessionPresent), 0, 0];
const suback = (identifier: Uint8Array) => [0x90, 4, ...identifier, 0, 1];
/** QoS 0, topic `t`, no properties, payload `1`. */
const publish = [0x30, 5, 0, 1, 0x74, 0, 0x31];
const pingresp = [0xd0, 0];
const sessionTakenOver = [0xe0, 2, 0x8e, 0];

/** What a broker does on each connection in turn; the last one is for all that follow. */
interface Script {
  readonly sessionPresent?: boolean;
  /** Behind CONNACK. */
  readonly sends?: readonly number[];
  /** Whether it answers pings. */
  readonly answers?: boolean;
  /** It ends the connection once the gateway has subscribed or has asked with a ping. */
  readonly ends?: readonly number[];
}

/** A source that reads from a broker which does what it is told, byte by byte (MQTT 5). */
async function play(scripts: readonly Script[], options: Partial<MqttSourceOptions> = {}) {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    const script = scripts[Math.min(connections, scripts.length - 1)]!;
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (packet: Buffer) => {
      const write = (bytes: readonly number[]): void => void socket.write(Uint8Array.from(bytes));
      const command = packet[0]! >> 4;
      if (command === 1)
        write([...connack(script.sessionPresent === true), ...(script.sends ?? [])]);
      if (command === 8) write(suback(packet.subarray(2, 4)));
      if (command === 12 && script.answers === true) write(pingresp);
      if (command !== 1 && script.ends !== undefined) socket.end(Uint8Array.from(script.ends));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { logger, lines } = keepLines();
  const interruptions: Concerned[] = [];
  const source = createMqttSource({
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    qos: 1,
    clientId: 'gateway',
    sessionExpiryS: 60,
    keepAliveS: 60,
    maxPacketBytes: 1_000,
    filters: [{ filter: 't', ignoresRetained: false }],
    logger,
    interrupted: (concerned) => interruptions.push(concerned),
    receive: () => undefined,
    ...options,
  });
  return {
    interruptions,
    events: () => lines.map(({ fields }) => fields['event']),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await source.close();
    },
  };
}

describe('a source', () => {
  it('is interrupted for all when the queue of a resumed session was cut off before its end', async () => {
    await using played = await play(
      [
        { ends: [] },
        { sessionPresent: true, sends: publish, ends: [] },
        { sessionPresent: true, answers: true },
      ],
      { queueLimit: 10 },
    );
    await until('the queue has ended', () => played.events().includes('mqtt.queue_complete'));
    expect(played.interruptions).toEqual(['at-most-once', 'all']);
  });

  it('is interrupted for all once more when the queue turns out to have been full', async () => {
    await using played = await play(
      [{ ends: [] }, { sessionPresent: true, sends: [...publish, ...publish], answers: true }],
      { queueLimit: 2 },
    );
    await until('it is told', () => played.events().includes('mqtt.queue_full'));
    expect(played.interruptions).toEqual(['at-most-once', 'all']);
  });

  it('is not interrupted by its first connection, whatever session that finds', async () => {
    await using played = await play([{ sessionPresent: true }]);
    await until('it is connected', () => played.events().includes('mqtt.connected'));
    expect(played.interruptions).toEqual([]);
  });

  it('tells at once that its client id is in use when the broker says so', async () => {
    await using played = await play([{ ends: sessionTakenOver }, {}]);
    await until('it is told', () => played.events().includes('mqtt.client_id_in_use'));
    expect(played.events()).not.toContain('mqtt.disconnected');
  });
});
