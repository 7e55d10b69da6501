import { describe, expect, it } from 'vitest';
import { createSluiceClient } from '../../client/index.ts';
import { connectDevice } from '../support/device.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';

interface Answer {
  readonly data?: {
    readonly currentPositions: readonly { deviceId: string; position: string }[];
  } | null;
  readonly errors?: readonly { message: string; extensions?: { code?: string } }[];
}

async function ask(gateway: TestGateway, deviceIds: readonly string[], replay?: number) {
  const query = `query ($deviceIds: [ID!]!, $replay: Int) {
    currentPositions(deviceIds: $deviceIds, replay: $replay) { deviceId position }
  }`;
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { deviceIds, replay } }),
  });
  return (await response.json()) as Answer;
}

/** The numbers in the positions, which are opaque to everybody but this test. */
function numbersIn({ data }: Answer): Record<string, number> {
  return Object.fromEntries(
    data!.currentPositions.map(({ deviceId, position }) => [
      deviceId,
      Number(position.split('-')[1]),
    ]),
  );
}

describe('currentPositions', () => {
  it('says where each device stands, those never heard too', async () => {
    await using gateway = await startTestGateway({ historySize: 3 });
    await using device = await connectDevice(gateway.mqttUrl);
    for (let n = 1; n <= 5; n += 1) await device.publish('devices/a/messages', String(n));
    await gateway.until((stats) => stats.totalMessagesProcessed === 5);
    expect(numbersIn(await ask(gateway, ['a', 'unheard', 'a']))).toEqual({ a: 5, unheard: 0 });
    expect(numbersIn(await ask(gateway, ['a', 'unheard'], 2))).toEqual({ a: 3, unheard: 0 });
    expect(numbersIn(await ask(gateway, ['a'], 100))).toEqual({ a: 2 });
  });

  it('says which devices were heard', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await device.publish('devices/a/messages', '1');
    await gateway.until((stats) => stats.totalMessagesProcessed === 1);
    const client = createSluiceClient({ url: gateway.url });
    const query = '{ currentPositions(deviceIds: ["a", "b"]) { deviceId heard } }';
    expect(await client.query(query, {})).toEqual({
      currentPositions: [
        { deviceId: 'a', heard: true },
        { deviceId: 'b', heard: false },
      ],
    });
    const thousand = Array.from({ length: 1_000 }, (_, n) => String(n));
    expect(await client.neverHeard(['a', ...thousand.slice(1)])).toEqual(thousand.slice(1));
    expect(await client.neverHeard(['a'])).toEqual([]);
    expect(await client.neverHeard([])).toEqual([]);
    await expect(client.neverHeard('a' as never)).rejects.toThrow(
      'deviceIds must be an array of strings; it is "a"',
    );
    await client.close();
  });

  it('gives a position behind which a subscription misses nothing of a device that was never heard', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    const { data } = await ask(gateway, ['new']);
    for (const n of [1, 2]) await device.publish('devices/new/messages', String(n));
    await gateway.until((stats) => stats.totalMessagesProcessed === 2);
    const messages = gateway.subscribe({ deviceIds: ['new'], after: data!.currentPositions });
    const { value } = await messages.next();
    expect(value?.payload).toBe('1');
    expect(value?.gap).toBeUndefined();
    await messages.return?.();
  });

  it('has the limits of a subscription', async () => {
    await using gateway = await startTestGateway({ maxDeviceIds: 2 });
    for (const [deviceIds, replay] of [
      [[], 0],
      [['a', 'b', 'c'], 0],
      [['\n'], 0],
      [['a'], -1],
    ] as const) {
      const { errors } = await ask(gateway, deviceIds, replay);
      expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
    }
  });

  it('answers no more under many aliases than under one', async () => {
    await using gateway = await startTestGateway({ maxDeviceIds: 2 });
    const positions = 'currentPositions(deviceIds: $ids) { position }';
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        query: `query ($ids: [ID!]!) { a: ${positions} b: ${positions} }`,
        variables: { ids: ['a', 'b'] },
      }),
    });
    const { data, errors } = (await response.json()) as Answer;
    expect(data).toBeNull();
    expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['LIMIT_EXCEEDED']);
  });
});
