import { expect, it } from 'vitest';
import type { GatewayOptions } from '../../src/config/gateway-options.ts';
import type { Logger } from '../../src/observe/logger.ts';
import { connectDevice, type Device } from '../support/device.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { openProtocol } from '../support/graphql-transport-ws.ts';
import { post } from '../support/multipart.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { refusalsOf } from '../support/refusals.ts';

/** A gateway that is attacked. */
export interface Scene {
  readonly gateway: TestGateway;
  readonly device: Device;
  /** What ends with the attack. */
  readonly attackers: AsyncDisposableStack;
  /** The client beside the attackers gets its messages, none missing, and the answers to its queries. */
  isServed(): Promise<void>;
}

export interface Attack {
  readonly what: string;
  readonly options?: Omit<GatewayOptions, 'port'> & { readonly logger?: Logger };
  readonly play: (scene: Scene) => Promise<void>;
}

/** The memory of requests and of answers, so small that one large request or answer is nearly all of it. */
const sharedBytes = 1_048_576;

/** Plays each attack beside a client that does nothing wrong: it is served, and nothing is left afterwards. */
export function withstands(attacks: readonly Attack[]): void {
  for (const { what, options, play } of attacks) it(what, () => withstand(play, options));
}

async function withstand(play: Attack['play'], options: Attack['options']): Promise<void> {
  await using gateway = await startTestGateway({
    maxIncomingBytes: sharedBytes,
    maxUnreadBytes: sharedBytes,
    ...options,
  });
  await using device = await connectDevice(gateway.mqttUrl);
  {
    await using witness = await openWitness(gateway, device);
    await witness.isServed();
    {
      await using attackers = new AsyncDisposableStack();
      await play({ gateway, device, attackers, isServed: () => witness.isServed() });
      await witness.isServed();
    }
    await witness.isServed();
  }
  await expectUnhurt(gateway);
  await using another = await openWitness(gateway, device);
  await another.isServed();
}

interface Witness extends AsyncDisposable {
  isServed(): Promise<void>;
}

let published = 0;

async function openWitness(gateway: TestGateway, device: Device): Promise<Witness> {
  const client = await openProtocol(gateway.webSocketUrl);
  client.subscribe(
    '1',
    'subscription { deviceMessages(deviceIds: ["witness"]) { payload gap { missed } } }',
  );
  expect(await client.rest()).toEqual([]);
  return {
    async isServed() {
      published += 1;
      await device.publish('devices/witness/messages', `${published}`);
      expect(await client.next()).toEqual({
        id: '1',
        type: 'next',
        payload: { data: { deviceMessages: { payload: published, gap: null } } },
      });
      const query = '{ device(id: "witness") { lastMessage { payload } } }';
      expect(await (await post(gateway, { query })).json()).toEqual({
        data: { device: { lastMessage: { payload: published } } },
      });
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

/** Nothing of an attack is left: no stream, and of the memory that all share so little that the largest request and a large answer have room in it. */
async function expectUnhurt(gateway: TestGateway): Promise<void> {
  await gateway.until(
    ({ activeSubscribers, devicesBeingMonitored, connections, messagesQueued }) =>
      activeSubscribers + devicesBeingMonitored + connections + messagesQueued === 0,
  );
  const refusedBefore = refusalsOf(gateway);
  const largest = JSON.stringify({ query: '{ __typename }' }).padEnd(sharedBytes);
  expect(await (await post(gateway, largest)).json()).toEqual({ data: { __typename: 'Query' } });
  const { length } = await (await post(gateway, { query: largeQuery })).text();
  expect(length).toBeGreaterThan(sharedBytes / 2);
  expect(length).toBeLessThan(sharedBytes);
  expect(refusalsOf(gateway)).toEqual(refusedBefore);
}

/** Its answer has some 800 KB: it grows with the descriptions of the schema. */
export const largeQuery = `{ __schema { types { ${names(100, 'enumValues(includeDeprecated: true) { name description }')} } } }`;

/** A field under so many response names. */
export function names(count: number, field: string): string {
  return Array.from({ length: count }, (_, n) => `a${n}: ${field}`).join(' ');
}

/** The text of a POST, for a connection that a test writes to by itself. */
export function postText(operation: object, accept = 'application/json'): string {
  const body = JSON.stringify(operation);
  return `${postHead(Buffer.byteLength(body), accept)}${body}`;
}

export function postHead(bytes: number, accept = 'application/json'): string {
  return [
    'POST /graphql HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/json',
    `Accept: ${accept}`,
    `Content-Length: ${bytes}`,
    '\r\n',
  ].join('\r\n');
}

export async function connect({ gateway, attackers }: Scene): Promise<RawSocket> {
  return attackers.use(await RawSocket.connect(gateway.url));
}

/**
 * Takes all the time that turns of the event loop have for operations, for some
 * thirty turns: on three connections, of which each begins as one that has used little.
 */
export async function fillTurns(scene: Scene): Promise<void> {
  const field = '__type(name: "BrokerStats") { fields { name type { name kind } } }';
  const request = postText({ query: `{ ${names(60, field)} }` });
  const sockets = await Promise.all([connect(scene), connect(scene), connect(scene)]);
  for (const socket of sockets) socket.readAll(() => undefined);
  await Promise.all(sockets.map((socket) => socket.write(request.repeat(10))));
}
