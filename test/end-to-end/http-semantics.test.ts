import { getIntrospectionQuery } from 'graphql';
import { describe, expect, it } from 'vitest';
import { connectProtocol } from '../support/graphql-transport-ws.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { openStream } from '../support/streams.ts';

const query = '{ __typename }';
const answer = { data: { __typename: 'Query' } };
const multipart = 'multipart/mixed;subscriptionSpec=1.0';
const accepts = ['application/json', 'text/event-stream', multipart];

function post(
  { url }: TestGateway,
  body: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
}

async function codeOf(response: Response): Promise<unknown> {
  const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
  return errors[0]!.extensions.code;
}

describe('the body of a request', () => {
  it('may begin with a byte order mark', async () => {
    await using gateway = await startTestGateway();
    const response = await post(gateway, `\uFEFF${JSON.stringify({ query })}`);
    expect(await response.json()).toEqual(answer);
  });

  it.each([
    ['application/json; charset=utf-8', 200],
    ['application/json;charset="UTF-8"', 200],
    ['application/json; charset=utf-16', 415],
    ['application/json; charset=iso-8859-1', 415],
  ])('is in UTF-8: %s gets %i', async (contentType, status) => {
    await using gateway = await startTestGateway();
    const response = await post(gateway, JSON.stringify({ query }), {
      'content-type': contentType,
    });
    expect(response.status).toBe(status);
    await response.text();
  });

  it.each([
    ['identity', 200],
    ['gzip', 415],
    ['br', 415],
  ])('is not compressed: %s gets %i', async (encoding, status) => {
    await using gateway = await startTestGateway();
    const response = await post(gateway, JSON.stringify({ query }), {
      'content-encoding': encoding,
    });
    expect(response.status).toBe(status);
    await response.text();
  });

  it.each(accepts)('is refused with one code when it is too large: Accept: %s', async (accept) => {
    await using gateway = await startTestGateway({ maxRequestBytes: 1_024 });
    const response = await post(gateway, ' '.repeat(1_025), { accept });
    expect(response.status).toBe(413);
    expect(await codeOf(response)).toBe('REQUEST_TOO_LARGE');
  });
});

describe('Connection: close', () => {
  const target = `/graphql?query=${encodeURIComponent(query)}`;
  it.each(accepts)('ends the connection behind the answer: Accept: %s', async (accept) => {
    await using gateway = await startTestGateway();
    await using socket = await RawSocket.connect(gateway.url);
    await socket.write(
      `GET ${target} HTTP/1.1\r\nHost: localhost\r\nAccept: ${accept}\r\nConnection: close\r\n\r\n`,
    );
    expect(await socket.head()).toMatch(/^connection: close$/im);
    await socket.closed;
  });

  it('is not said to a client that keeps its connection', async () => {
    await using gateway = await startTestGateway();
    await using stream = await openStream('graphql-sse', gateway, ['a']);
    const response = await fetch(gateway.url + target, {
      headers: { accept: 'text/event-stream' },
    });
    expect(response.headers.get('connection')).toBe('keep-alive');
    await response.text();
    expect(stream.received).toBe(0);
  });
});

describe('a connection between two requests', () => {
  const request = 'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n';

  it('is kept for longer than load balancers keep theirs', async () => {
    await using gateway = await startTestGateway();
    await using socket = await RawSocket.connect(gateway.url);
    await socket.write(request);
    expect(await socket.head()).toMatch(/^keep-alive: timeout=75$/im);
  });

  it('is closed after idleTimeoutMs', async () => {
    await using gateway = await startTestGateway({ idleTimeoutMs: 1_000 });
    await using socket = await RawSocket.connect(gateway.url);
    await socket.write(request);
    expect(await socket.head()).toMatch(/^keep-alive: timeout=1$/im);
    await socket.closed;
  });
});

describe('an answer of /graphql', () => {
  it.each([
    ['application/json', 'no-store'],
    ['application/graphql-response+json', 'no-store'],
    ['text/event-stream', 'no-cache, no-transform'],
    [multipart, 'no-cache, no-transform'],
  ])('is none for a cache, and differs by Accept: %s', async (accept, cacheControl) => {
    await using gateway = await startTestGateway();
    const search = new URLSearchParams({ query });
    const response = await fetch(`${gateway.url}/graphql?${search}`, { headers: { accept } });
    expect(response.headers.get('cache-control')).toBe(cacheControl);
    expect(response.headers.get('vary')).toContain('origin, accept');
    await response.text();
  });

  it('is one answer to a client that does not take a stream', async () => {
    await using gateway = await startTestGateway();
    const body = JSON.stringify({
      query: 'subscription { deviceMessages(deviceIds: ["a"]) { payload } }',
    });
    const response = await post(gateway, body, {
      accept: 'text/event-stream;q=0, application/json',
    });
    expect(response.status).toBe(406);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    await response.text();
  });

  it.each(['Text/Event-Stream', 'text/*'])('is a stream for Accept: %s', async (accept) => {
    await using gateway = await startTestGateway();
    const response = await post(gateway, JSON.stringify({ query }), { accept });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(await response.text()).toContain(`data: ${JSON.stringify(answer)}`);
  });

  it.each([
    ['a query', `?${new URLSearchParams({ query })}`, 'application/json'],
    ['GraphiQL', '', 'text/html'],
    ['no request', '', 'application/json'],
  ])('has the head of a GET for a HEAD: %s', async (_what, search, accept) => {
    await using gateway = await startTestGateway();
    const init = { headers: { accept } };
    const got = await fetch(`${gateway.url}/graphql${search}`, init);
    const head = await fetch(`${gateway.url}/graphql${search}`, { ...init, method: 'HEAD' });
    expect(head.status).toBe(got.status);
    for (const name of ['content-type', 'content-length', 'vary', 'etag']) {
      expect(head.headers.get(name)).toBe(got.headers.get(name));
    }
    await got.text();
    expect(await head.text()).toBe('');
  });

  it('opens no stream for a HEAD', async () => {
    await using gateway = await startTestGateway();
    const subscription = 'subscription { deviceMessages(deviceIds: ["a"]) { payload } }';
    const search = new URLSearchParams({ query: subscription });
    const response = await fetch(`${gateway.url}/graphql?${search}`, {
      method: 'HEAD',
      headers: { accept: 'text/event-stream' },
    });
    expect(response.status).toBe(406);
    expect(gateway.stats().activeSubscribers).toBe(0);
  });

  it('says when to come back with status 503', async () => {
    await using gateway = await startTestGateway({ maxConnections: 1 });
    await using stream = await openStream('graphql-sse', gateway, ['a']);
    const response = await fetch(`${gateway.url}/api/v1/stream?device_ids=a`);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    await response.text();
    expect(stream.received).toBe(0);
  });
});

describe('a long answer of /graphql', () => {
  const long = `${new URLSearchParams({ query: getIntrospectionQuery() })}`;

  it.each([
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['identity', null],
  ])('is compressed for Accept-Encoding: %s', async (accepted, encoding) => {
    await using gateway = await startTestGateway();
    const ask = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${gateway.url}/graphql?${long}`, { headers });
    const plain = await ask({ 'accept-encoding': 'identity' });
    const response = await ask({ 'accept-encoding': accepted });
    expect(response.headers.get('content-encoding')).toBe(encoding);
    expect(response.headers.get('vary')).toBe('origin, accept, accept-encoding');
    if (encoding !== null) {
      expect(Number(response.headers.get('content-length'))).toBeLessThan(
        Number(plain.headers.get('content-length')) / 4,
      );
    }
    expect(await response.text()).toBe(await plain.text());
  });

  it('is as it is where it is short', async () => {
    await using gateway = await startTestGateway();
    const response = await post(gateway, JSON.stringify({ query }));
    expect(response.headers.get('content-encoding')).toBeNull();
    expect(response.headers.get('vary')).toBe('origin, accept, accept-encoding');
    expect(await response.json()).toEqual(answer);
  });

  it('takes no memory of unread answers once it is read', async () => {
    await using gateway = await startTestGateway({ maxUnreadBytes: 1_048_576 });
    // Each is some 40 KB before it is compressed, and all come on one connection.
    for (let n = 0; n < 50; n += 1) {
      const response = await fetch(`${gateway.url}/graphql?${long}`);
      expect(response.status).toBe(200);
      await response.text();
    }
  });
});

describe('over WebSocket', () => {
  it('an empty operationName is none', async () => {
    await using gateway = await startTestGateway();
    await using client = await connectProtocol(gateway.webSocketUrl);
    await client.init();
    client.subscribe('1', { query, operationName: '' });
    expect(await client.next()).toEqual({ id: '1', type: 'next', payload: answer });
  });
});
