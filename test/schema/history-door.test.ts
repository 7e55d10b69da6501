import { graphql, parse, subscribe } from 'graphql';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createSchema } from '../../schema/schema.ts';
import { createBroker } from '../../src/broker/broker.ts';
import type { QueuedSubscription } from '../../src/broker/queued-subscription.ts';
import { createFetchedLog } from '../support/fetched-log.ts';
import { contextOf } from '../support/schema-context.ts';
import { until } from '../support/until.ts';
import { serveWebSockets } from '../support/websocket-endpoints.ts';

const schema = createSchema();

describe('a history that has to fetch first', () => {
  const queueSize = 10;

  it('is open before a subscription registers, which then begins behind what was found', async () => {
    const log = createFetchedLog({ a: 3 });
    const broker = createBroker({ queueSize, overflow: 'DROP_NEWEST', history: log });
    const opening = subscribe({
      schema,
      document: parse('subscription { deviceMessages(deviceIds: ["a"], replay: 2) { position } }'),
      contextValue: contextOf(broker, { log }),
    });
    await until('devices are fetched', () => log.waiting.length === 1);
    expect(broker.devicesMonitored).toBe(0);
    log.fetched();
    const results = (await opening) as AsyncIterableIterator<unknown>;
    expect(broker.devicesMonitored).toBe(1);
    const position = (sequence: number) => `${log.epochOf('a')}-${sequence}`;
    for (const sequence of [2, 3]) {
      const { value } = await results.next();
      expect(value).toEqual({ data: { deviceMessages: { position: position(sequence) } } });
    }
    broker.close('SHUTTING_DOWN');
  });

  it('is asked what the connection may open when it has opened, and not before', async () => {
    const log = createFetchedLog({});
    const broker = createBroker({ queueSize, overflow: 'DROP_NEWEST', history: log });
    const asked: number[] = [];
    const quota = {
      messages(devices: number) {
        asked.push(devices);
        return undefined;
      },
      stats: () => undefined,
    };
    const opening = subscribe({
      schema,
      document: parse('subscription { deviceMessages(deviceIds: ["a", "b"]) { position } }'),
      contextValue: contextOf(broker, { log, quota }),
    });
    await until('devices are fetched', () => log.waiting.length === 2);
    expect(asked).toEqual([]);
    log.fetched();
    await opening;
    expect(asked).toEqual([2]);
    broker.close('SHUTTING_DOWN');
  });

  it('is open before positions and messages are read', async () => {
    const log = createFetchedLog({ a: 3 });
    const broker = createBroker({ queueSize, overflow: 'DROP_NEWEST', history: log });
    const answer = graphql({
      schema,
      source: '{ currentPositions(deviceIds: ["a"]) { position } }',
      contextValue: contextOf(broker, { log }),
    });
    await until('devices are fetched', () => log.waiting.length === 1);
    log.fetched();
    expect(await answer).toEqual({
      data: { currentPositions: [{ position: `${log.epochOf('a')}-3` }] },
    });
  });

  it('leaves nothing behind when the client goes meanwhile', async () => {
    const log = createFetchedLog({ a: 1 });
    const broker = createBroker({ queueSize, overflow: 'DROP_NEWEST', history: log });
    const opened: QueuedSubscription[] = [];
    const subscriptions: Pick<typeof broker, 'subscribe'> = {
      subscribe(request) {
        const subscription = broker.subscribe(request);
        opened.push(subscription);
        return subscription;
      },
    };
    await using server = await serveWebSockets({ log, subscriptions });
    const client = new WebSocket(`${server.url}/api/v1/stream?device_ids=a`);
    await once(client, 'open');
    await until('devices are fetched', () => log.waiting.length === 1);
    const closed = once(client, 'close');
    client.close();
    await closed;
    log.fetched();
    await until('it is subscribed', () => opened.length === 1);
    await until('the subscription has ended', () => opened[0]!.ended);
    expect(broker.counters).toMatchObject({
      byTransport: { library: { activeSubscribers: 0 } },
      ended: { CONNECTION_LOST: 1 },
    });
  });
});
