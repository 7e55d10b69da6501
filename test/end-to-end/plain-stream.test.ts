import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { connectDevice } from '../support/device.ts';
import { openEventStream } from '../support/event-stream.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { connectProtocol, type ProtocolClient } from '../support/graphql-transport-ws.ts';
import { until } from '../support/until.ts';

const stream = '/api/v1/stream';

function openFrames(gateway: TestGateway, query: string): Promise<ProtocolClient> {
  return connectProtocol(gateway.webSocketUrl, { protocols: [], path: `${stream}${query}` });
}

async function subscribers(gateway: TestGateway, count: number): Promise<void> {
  await until(`${count} streams are open`, () => gateway.stats().activeSubscribers === count);
}

/** Less than `fetch` does: the body stays as it came. */
async function getRaw(
  url: string,
  headers: Record<string, string>,
): Promise<{ response: IncomingMessage; body: Buffer }> {
  const [response] = (await once(get(url, { headers }), 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return { response, body: Buffer.concat(chunks) };
}

const refused: [string, string][] = [
  ['no device_ids', ''],
  ['empty device_ids', '?device_ids='],
  ['device_ids of commas', '?device_ids=,%20,'],
  ['too many devices', '?device_ids=a,b&device_ids=c,d'],
  ['a device id that is too long', `?device_ids=${'x'.repeat(257)}`],
  ['a control character in a device id', '?device_ids=a%00'],
  ['gaps that are neither 1 nor 0', '?device_ids=a&gaps=device'],
];

const payloads: [string, string, string][] = [
  ['an object', '{"n":1.10}', '{"device_id":"a","n":1.10}'],
  ['an empty object', '{ }', '{"device_id":"a"}'],
  ['an object with a device_id', '{"n":1, "device_id":"x"}', '{"n":1, "device_id":"x"}'],
  ['an object with a device_id of null', '{"device_id":null}', '{"device_id":null}'],
  [
    'an object whose member has one',
    '{"o":{"device_id":1}}',
    '{"device_id":"a","o":{"device_id":1}}',
  ],
  ['a number', '12345678901234567890.0', '{"device_id":"a","value":12345678901234567890.0}'],
  ['a text', '"{\\u00e4}"', '{"device_id":"a","value":"{\\u00e4}"}'],
  ['null', 'null', '{"device_id":"a","value":null}'],
  ['an array of values', '[1,2]', '{"device_id":"a","value":[1,2]}'],
];

describe('the plain stream as server-sent events', () => {
  it('delivers the messages of its devices and of no other', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await using events = await openEventStream(`${gateway.url}${stream}?device_ids=a,b`);
    expect(events.response.status).toBe(200);
    expect(Object.fromEntries(events.response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
    });
    expect(await events.firstText).toMatch(/^:\nretry: \d+\nid: \S+\n\n/);
    for (const id of ['c', 'a', 'b', 'a']) await device.publish(`devices/${id}/messages`, '{}');
    expect(await events.take(3)).toEqual([
      { event: 'message', data: '{"device_id":"a"}' },
      { event: 'message', data: '{"device_id":"b"}' },
      { event: 'message', data: '{"device_id":"a"}' },
    ]);
  });

  it('takes device_ids that are repeated, spaced, percent-encoded, and the same twice', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    const query = '?device_ids=a,%20b&device_ids=gr%C3%B6%C3%9Fe%20%26%201&device_ids=a&other=x';
    await using events = await openEventStream(`${gateway.url}${stream}${query}`);
    expect(gateway.stats()).toMatchObject({ activeSubscribers: 1, devicesBeingMonitored: 3 });
    for (const id of ['größe & 1', 'b', 'a']) await device.publish(`devices/${id}/messages`, '1');
    expect((await events.take(3)).map(({ data }) => data)).toEqual([
      '{"device_id":"größe & 1","value":1}',
      '{"device_id":"b","value":1}',
      '{"device_id":"a","value":1}',
    ]);
  });

  it.each(payloads)('hands on %s', async (_what, payload, data) => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await using events = await openEventStream(`${gateway.url}${stream}?device_ids=a`);
    await device.publish('devices/a/messages', payload);
    expect(await events.next()).toEqual({ event: 'message', data });
  });

  it.each(refused)('answers 400 with JSON to %s', async (_what, query) => {
    await using gateway = await startTestGateway({ maxDeviceIds: 3 });
    const response = await fetch(`${gateway.url}${stream}${query}`);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(await response.json()).toEqual({
      error: { message: expect.stringMatching(/device/) as string },
    });
    expect(gateway.stats()).toMatchObject({ activeSubscribers: 0, connections: 0 });
  });

  it('answers a HEAD with the head of a GET, and opens no stream', async () => {
    await using gateway = await startTestGateway({ maxConnections: 3 });
    const url = `${gateway.url}${stream}`;
    const head = await fetch(`${url}?device_ids=a`, { method: 'HEAD' });
    expect(await head.text()).toBe('');
    expect(gateway.stats()).toMatchObject({ activeSubscribers: 0, connections: 0 });
    await using events = await openEventStream(`${url}?device_ids=a`);
    const headersOf = ({ headers }: Response): object => {
      const {
        date: _date,
        connection: _connection,
        'keep-alive': _keepAlive,
        ...others
      } = Object.fromEntries(headers);
      return others;
    };
    expect(head.status).toBe(200);
    expect(headersOf(events.response)).toMatchObject(headersOf(head));
    expect(head.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    for (const query of ['', '?device_ids=a&gaps=2']) {
      expect((await fetch(url + query, { method: 'HEAD' })).status).toBe(400);
    }
    expect(gateway.stats().activeSubscribers).toBe(1);
  });

  it('answers 405 to a POST and 503 beyond maxConnections', async () => {
    await using gateway = await startTestGateway({ maxConnections: 1 });
    const url = `${gateway.url}${stream}?device_ids=a`;
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
    await using events = await openEventStream(url);
    expect(events.response.status).toBe(200);
    expect((await fetch(url)).status).toBe(503);
  });

  it.each([
    ['with gaps=1', '&gaps=1', true],
    ['with gaps=0', '&gaps=0', false],
    ['without gaps', '', false],
  ])('tells what was missed in front of the message, %s', async (_how, query, isTold) => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    const url = `${gateway.url}${stream}?device_ids=a,b&lastEventId=of-another-gateway${query}`;
    await using events = await openEventStream(url);
    const before = events.lastEventId;
    await device.publish('devices/a/messages', '1');
    await device.publish('devices/a/messages', '2');
    const gap = { event: 'gap', data: '{"device_id":"a","missed":null,"reason":"STREAM_RESET"}' };
    const messages = [1, 2].map((n) => ({
      event: 'message',
      data: `{"device_id":"a","value":${n}}`,
    }));
    expect(await events.take(isTold ? 3 : 2)).toEqual(isTold ? [gap, ...messages] : messages);
    // A client that is cut off between the two comes back for the message.
    if (isTold) expect(events.text).toContain('\n\nevent: gap\ndata: ');
    expect(events.lastEventId).not.toBe(before);
  });

  it('sends ping events while no device says anything', async () => {
    await using gateway = await startTestGateway({ keepAliveMs: 100 });
    await using events = await openEventStream(`${gateway.url}${stream}?device_ids=a`);
    const ping = { event: 'ping', data: '{"type":"keep-alive"}' };
    expect(await events.take(2)).toEqual([ping, ping]);
  });

  it('is free when the client closes, and ends when the gateway does', async () => {
    const gateway = await startTestGateway();
    const url = `${gateway.url}${stream}?device_ids=a`;
    await using first = await openEventStream(url);
    await using second = await openEventStream(url);
    await subscribers(gateway, 2);
    first.close();
    await subscribers(gateway, 1);
    await gateway.close();
    expect(await second.rest()).toEqual([]);
  });
});

describe('the plain stream over WebSocket', () => {
  it('delivers the messages of its devices and of no other', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await using frames = await openFrames(gateway, '?device_ids=a&device_ids=b');
    await subscribers(gateway, 1);
    for (const id of ['c', 'a', 'b']) await device.publish(`devices/${id}/messages`, '{"n":1}');
    expect(await frames.take(2)).toEqual([
      { event: 'message', data: { device_id: 'a', n: 1 } },
      { event: 'message', data: { device_id: 'b', n: 1 } },
    ]);
  });

  it.each(payloads)('hands on %s', async (_what, payload, data) => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await using frames = await openFrames(gateway, '?device_ids=a');
    await subscribers(gateway, 1);
    const arrived = once(frames.webSocket, 'message');
    await device.publish('devices/a/messages', payload);
    const [frame] = (await arrived) as [Buffer];
    expect(frame.toString()).toBe(`{"event":"message","data":${data}}`);
  });

  it.each(refused)('sends an error and closes with 4400 on %s', async (_what, query) => {
    await using gateway = await startTestGateway({ maxDeviceIds: 3 });
    await using frames = await openFrames(gateway, query);
    expect(await frames.next()).toEqual({
      event: 'error',
      data: { message: expect.stringMatching(/device/) as string },
    });
    expect(await frames.closed).toMatchObject({ code: 4400 });
    await until('the connection is gone', () => gateway.stats().connections === 0);
  });

  it('sends ping frames while no device says anything', async () => {
    await using gateway = await startTestGateway({ keepAliveMs: 100 });
    await using frames = await openFrames(gateway, '?device_ids=a');
    const ping = { event: 'ping', data: { type: 'keep-alive' } };
    expect(await frames.take(4)).toEqual([ping, ping, ping, ping]);
  });

  it('takes no notice of what the client sends', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await using frames = await openFrames(gateway, '?device_ids=a');
    frames.send('hello');
    frames.send(Buffer.from([0, 255]));
    await subscribers(gateway, 1);
    await device.publish('devices/a/messages', '1');
    expect(await frames.next()).toEqual({ event: 'message', data: { device_id: 'a', value: 1 } });
  });

  it('is free when the client closes, and closes with 1001 when the gateway ends', async () => {
    const gateway = await startTestGateway();
    await using first = await openFrames(gateway, '?device_ids=a');
    await using second = await openFrames(gateway, '?device_ids=a');
    await subscribers(gateway, 2);
    first.webSocket.close();
    await subscribers(gateway, 1);
    await gateway.close();
    expect(await second.closed).toMatchObject({ code: 1001 });
  });
});

describe('the addresses beside it', () => {
  it('tells the stats in snake_case', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await using events = await openEventStream(`${gateway.url}${stream}?device_ids=a,b`);
    await device.publish('devices/a/messages', '1');
    await events.next();
    const response = await fetch(`${gateway.url}${stream}/stats`);
    const none = {
      http: 0,
      sse: 0,
      multipart: 0,
      websocket: 0,
      plain_sse: 0,
      plain_websocket: 0,
      library: 0,
    };
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toMatchObject({
      total_messages_processed: 1,
      active_subscribers: 1,
      active_subscribers_by_transport: { ...none, plain_sse: 1 },
      devices_being_monitored: 2,
      messages_delivered: 1,
      messages_delivered_by_transport: { ...none, plain_sse: 1 },
      messages_dropped: 0,
      messages_dropped_by_reason: { queue_overflow: 0, subscription_ended: 0, history_expired: 0 },
      messages_conflated: 0,
      messages_rejected: 0,
      messages_cleared: 0,
      subscriptions_ended_by_reason: expect.objectContaining({ slow_consumer: 0 }) as object,
      messages_rejected_by_reason: expect.objectContaining({ not_json: 0, too_large: 0 }) as object,
      requests_refused: 0,
      requests_refused_by_reason: expect.objectContaining({ foreign_origin: 0 }) as object,
      devices_forgotten: 0,
      log_lines_dropped: 0,
      messages_queued: 0,
      connections: 1,
      connections_by_transport: { ...none, plain_sse: 1 },
      devices_known: 1,
      ingest_connected: true,
      source_interruptions: 0,
      process: {
        event_loop_delay_ms: expect.any(Number) as number,
        heap_used_bytes: expect.any(Number) as number,
        resident_bytes: expect.any(Number) as number,
      },
      uptime_seconds: expect.any(Number) as number,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
    });
  });

  it('is alive and ready', async () => {
    await using gateway = await startTestGateway();
    const health = await fetch(`${gateway.url}/health`);
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }]);
    const ready = await fetch(`${gateway.url}/ready`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { status: 'ready', checks: { mqtt: 'ok', clients: 'ok' } },
    ]);
  });

  it.each([
    '/nothing',
    '/graphql/',
    '/api/v1/stream/',
    '/api/v1',
    '//',
    '/%2e%2e/etc/passwd',
    '/%E0%A4%A',
  ])('answers 404 with JSON to %s', async (path) => {
    await using gateway = await startTestGateway();
    const { response, body } = await getRaw(`${gateway.url}${path}`, {});
    expect(response.statusCode).toBe(404);
    expect(JSON.parse(body.toString())).toEqual({
      error: { message: 'Nothing is here. GraphQL is at /graphql.' },
    });
  });

  it('leads a browser from / to GraphiQL', async () => {
    await using gateway = await startTestGateway();
    const response = await fetch(gateway.url, { headers: { accept: 'text/html' } });
    expect(response.redirected).toBe(true);
    expect(new URL(response.url).pathname).toBe('/graphql');
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  });

  it('serves GraphiQL compressed, and not again to who has it', async () => {
    await using gateway = await startTestGateway();
    const url = `${gateway.url}/graphql`;
    const accept = 'text/html,application/xhtml+xml,*/*;q=0.8';
    const plain = await getRaw(url, { accept });
    expect(plain.response.headers['content-encoding']).toBeUndefined();
    const tags = new Set([plain.response.headers.etag]);
    for (const [accepted, encoding, decode] of [
      ['gzip, deflate, br', 'br', brotliDecompressSync],
      ['gzip, deflate', 'gzip', gunzipSync],
    ] as const) {
      const asked = { accept, 'accept-encoding': accepted };
      const { response, body } = await getRaw(url, asked);
      expect(response.headers['content-encoding']).toBe(encoding);
      expect(response.headers['content-length']).toBe(String(body.length));
      expect(body.length).toBeLessThan(plain.body.length / 3);
      expect(decode(body).equals(plain.body)).toBe(true);
      const { etag } = response.headers;
      tags.add(etag);
      const again = await getRaw(url, { ...asked, 'if-none-match': `W/${etag}` });
      expect(again.response.statusCode).toBe(304);
      expect(again.body).toHaveLength(0);
    }
    expect(tags.size).toBe(3);
    const changed = await getRaw(url, { accept, 'if-match': '"another"' });
    expect(changed.response.statusCode).toBe(412);
  });

  it('refers in GraphiQL to no script, style or font from elsewhere', async () => {
    await using gateway = await startTestGateway();
    const response = await fetch(`${gateway.url}/graphql`, { headers: { accept: 'text/html' } });
    const page = (await response.text()).replaceAll(
      /<script\b[^>]*>[\s\S]*?<\/script>/g,
      (script) => script.slice(0, script.indexOf('>') + 1),
    );
    expect(page).toContain('<title>Sluice</title>');
    expect(page).not.toMatch(/<script[^>]*\ssrc=/);
    expect(page).not.toMatch(/<link[^>]*\shref=["']?(?:https?:)?\/\//);
    expect(page).not.toMatch(/url\(\s*["']?(?:https?:)?\/\//);
    expect(page).not.toMatch(/@import/);
  });
});
