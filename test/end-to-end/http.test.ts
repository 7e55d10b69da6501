import { describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { until } from '../support/until.ts';
import { upgradeRequest } from '../support/websocket-frames.ts';

function post(
  { url }: TestGateway,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

const query = '{ brokerStats { totalMessagesProcessed ingestConnected } }';
const answer = { data: { brokerStats: { totalMessagesProcessed: 0, ingestConnected: true } } };

describe('GraphQL over HTTP', () => {
  it('answers a POST and a GET', async () => {
    await using gateway = await startTestGateway();
    const posted = await post(gateway, { query });
    expect(posted.status).toBe(200);
    expect(posted.headers.get('content-type')).toMatch(/^application\/.*json/);
    expect(await posted.json()).toEqual(answer);
    const got = await fetch(`${gateway.url}/graphql?${new URLSearchParams({ query })}`);
    expect(await got.json()).toEqual(answer);
  });

  it('answers with the media type that the client asks for', async () => {
    await using gateway = await startTestGateway();
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      const response = await post(gateway, { query }, { accept });
      expect(response.headers.get('content-type')).toContain(accept);
    }
  });

  it('picks the operation by its name and reads its variables', async () => {
    await using gateway = await startTestGateway();
    const response = await post(gateway, {
      query: `query A { __typename }
        query B($more: Boolean!) { brokerStats { devicesKnown version @include(if: $more) } }`,
      operationName: 'B',
      variables: { more: false },
    });
    expect(await response.json()).toEqual({ data: { brokerStats: { devicesKnown: 0 } } });
  });

  it('tells its schema', async () => {
    await using gateway = await startTestGateway();
    const response = await post(gateway, { query: '{ __schema { subscriptionType { name } } }' });
    expect(await response.json()).toEqual({
      data: { __schema: { subscriptionType: { name: 'Subscription' } } },
    });
  });

  it.each([
    ['*/*', 406],
    ['application/json', 406],
    ['multipart/mixed', 406],
  ])('opens no subscription for Accept: %s', async (accept, status) => {
    await using gateway = await startTestGateway();
    const response = await post(
      gateway,
      { query: 'subscription { deviceMessages(deviceIds: ["a"]) { payload } }' },
      { accept },
    );
    expect(response.status).toBe(status);
    await response.text();
    expect(gateway.stats()).toMatchObject({ activeSubscribers: 0, devicesBeingMonitored: 0 });
  });

  it('names the ways to subscribe to whoever asks for one answer', async () => {
    await using gateway = await startTestGateway();
    const response = await post(
      gateway,
      { query: 'subscription { deviceMessages(deviceIds: ["a"]) { payload } }' },
      { accept: 'application/json' },
    );
    const text = await response.text();
    for (const way of ['text/event-stream', 'multipart/mixed;subscriptionSpec=1.0', 'WebSocket']) {
      expect(text).toContain(way);
    }
  });
});

describe('an address that is read', () => {
  const readOnce = ['/', '/health', '/ready', '/api/v1/stream/stats'];
  const stream = '/api/v1/stream';

  it.each(readOnce)('answers a HEAD as a GET, without the body: %s', async (path) => {
    await using gateway = await startTestGateway();
    const init = { redirect: 'manual' } as const;
    const got = await fetch(`${gateway.url}${path}`, init);
    const head = await fetch(`${gateway.url}${path}`, { ...init, method: 'HEAD' });
    expect(head.status).toBe(got.status);
    expect(head.headers.get('content-type')).toBe(got.headers.get('content-type'));
    expect(await head.text()).toBe('');
  });

  it.each([...readOnce, stream])('answers any other method with 405: %s', async (path) => {
    await using gateway = await startTestGateway();
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const response = await fetch(`${gateway.url}${path}?device_ids=a`, { method });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
      await response.text();
    }
    expect(gateway.stats().activeSubscribers).toBe(0);
  });
});

describe('OPTIONS *', () => {
  it('is told what the gateway takes anywhere, and goes on', async () => {
    await using gateway = await startTestGateway();
    await using socket = await RawSocket.connect(gateway.url);
    for (let n = 0; n < 2; n += 1) {
      await socket.write('OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n');
      const head = await socket.head();
      expect(head).toMatch(/^HTTP\/1\.1 204 No Content\r\n/);
      expect(head).toMatch(/^allow: GET, HEAD, POST, PUT, DELETE, OPTIONS\r$/m);
    }
    await socket.write('GET * HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(await socket.head()).toMatch(/^HTTP\/1\.1 404 /);
  });
});

describe('a request target that is a whole URL', () => {
  it.each([
    ['GET http://localhost/health HTTP/1.1', /"status":"ok"/],
    ['GET HTTP://LOCALHOST:81/health?a=http://b/ HTTP/1.1', /"status":"ok"/],
    ['GET http://localhost HTTP/1.1', /location: \/graphql/i],
    ['GET http://localhost?a=/health HTTP/1.1', /location: \/graphql/i],
    ['GET http://localhost/graphql?query={__typename} HTTP/1.1', /"__typename":"Query"/],
    [
      'GET http://localhost/graphql?query={__typename} HTTP/1.1\r\nAccept: text/event-stream',
      /event: next/,
    ],
    [
      'GET http://localhost/graphql?query={__typename} HTTP/1.1\r\nAccept: text/event-stream, application/json',
      /"__typename":"Query"/,
    ],
  ])('is taken for its host, its path and its query: %s', async (head, answered) => {
    await using gateway = await startTestGateway();
    await using socket = await RawSocket.connect(gateway.url);
    await socket.write(`${head}\r\nHost: ignored.example\r\n\r\n`);
    await until(
      'it is answered',
      () => answered.test(socket.received),
      () => socket.received,
    );
  });

  it('opens a WebSocket', async () => {
    await using gateway = await startTestGateway();
    await using socket = await RawSocket.connect(gateway.url);
    await socket.write(upgradeRequest('http://localhost/api/v1/stream?device_ids=a'));
    expect(await socket.head()).toMatch(/^HTTP\/1\.1 101 /);
    await gateway.until(({ activeSubscribers }) => activeSubscribers === 1);
  });
});

describe('a request that is refused', () => {
  it.each<[string, number, string]>([
    ['what is not JSON', 400, '{'],
    ['no query', 400, '{}'],
    [
      'a body that is too large',
      413,
      JSON.stringify({ query: `{ __typename } # ${'x'.repeat(4_000_000)}` }),
    ],
  ])('%s', async (_what, status, body) => {
    await using gateway = await startTestGateway();
    const response = await post(gateway, body, {
      accept: 'application/graphql-response+json',
    });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      errors: [{ message: expect.stringMatching(/./) as string }],
    });
  });

  it.each(['application/json', 'text/event-stream', 'multipart/mixed;subscriptionSpec=1.0'])(
    'a batch, with an error that says so, as %s',
    async (accept) => {
      await using gateway = await startTestGateway();
      const batch = '[{"query":"{__typename}"},{"query":"{__typename}"}]';
      const response = await post(gateway, batch, { accept });
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({
        errors: [
          {
            message: 'Batching is not supported: send each operation in a request of its own.',
            extensions: { code: 'BAD_REQUEST' },
          },
        ],
      });
    },
  );

  it('another media type than JSON', async () => {
    await using gateway = await startTestGateway();
    const response = await post(gateway, JSON.stringify({ query }), { 'content-type': 'text/csv' });
    expect(response.status).toBe(415);
  });

  it('a method that the address does not have', async () => {
    await using gateway = await startTestGateway();
    const response = await fetch(`${gateway.url}/graphql`, { method: 'PATCH' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD, POST, PUT, DELETE, OPTIONS');
  });
});

const levels = Array.from({ length: 60 }, (_, n) => n);
const bombs: [string, string][] = [
  [
    'an alias bomb',
    `{ ${Array.from({ length: 1_000 }, (_, n) => `a${n}: __typename`).join(' ')} }`,
  ],
  ['one field over and over', `{ ${'brokerStats { version } '.repeat(1_000)} }`],
  [
    'fields in conflict',
    `{ ${Array.from({ length: 700 }, (_, n) => `a: brokerStats { b: ${n % 2 ? 'version' : 'connections'} }`).join(' ')} }`,
  ],
  [
    'a fragment bomb',
    `{ ...F0 } ${levels
      .map((n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} ... { ...F${n + 1} } }`)
      .join(' ')} fragment F60 on Query { __typename }`,
  ],
  ['fragments in a circle', '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }'],
  ['a deep document', `${'{ brokerStats '.repeat(2_000)} ${'}'.repeat(2_000)}`],
  ['a document of too many tokens', `{ ${'a '.repeat(100_000)} }`],
  ['a very deep list', `{ brokerStats(a: ${'['.repeat(2_000)}${']'.repeat(2_000)}) { version } }`],
  ['a syntax error', '{'],
  ['an unknown field', '{ nothing }'],
];

describe.each([
  ['application/json', (text: string) => text],
  ['text/event-stream', (text: string) => /^data: (.*)$/m.exec(text)![1]!],
])('a document that is refused, for %s:', (accept, resultOf) => {
  it.each(bombs)('%s', async (_what, bomb) => {
    await using gateway = await startTestGateway();
    const response = await post(gateway, { query: bomb }, { accept });
    const result = JSON.parse(resultOf(await response.text())) as Record<string, unknown>;
    expect(result).toMatchObject({ errors: [{ message: expect.stringMatching(/./) as string }] });
    expect(result['data'] ?? null).toBeNull();
    expect(await (await post(gateway, { query })).json()).toEqual(answer);
  });
});

it('answers a document that is deep and still valid', async () => {
  await using gateway = await startTestGateway();
  const deep = `{ ${'... { '.repeat(600)} __typename ${'}'.repeat(600)} }`;
  const response = await post(gateway, { query: deep });
  expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
});
