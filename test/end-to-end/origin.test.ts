import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RefusalReason } from '../../src/metrics/refusals.ts';
import { keepComplaints } from '../support/complaints.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { RawSocket } from '../support/raw-socket.ts';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

interface Asked {
  /** Method and target. */
  readonly line: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}

function requestOf({ line, headers = [], body }: Asked, more: readonly string[]): string {
  const lines = [`${line} HTTP/1.1`, ...headers, ...more];
  if (body !== undefined) {
    lines.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
}

function parseHead(head: string): Answer {
  const [line = '', ...fields] = head.split('\r\n');
  const headers: Record<string, string> = {};
  for (const field of fields) {
    const [, name = '', value = ''] = /^([^:]+): (.*)$/.exec(field) ?? [];
    const key = name.toLowerCase();
    headers[key] = key in headers ? `${headers[key]}, ${value}` : value;
  }
  return { status: Number(line.split(' ')[1]), headers };
}

/** The head of the answer; what follows is not waited for. */
async function headFor(
  gateway: TestGateway,
  asked: Asked,
  ...headers: readonly string[]
): Promise<Answer> {
  await using socket = await RawSocket.connect(gateway.url);
  await socket.write(requestOf(asked, headers));
  return parseHead(await socket.head());
}

/** An answer after which the gateway closes the connection. */
async function answerFor(
  gateway: TestGateway,
  asked: Asked,
  ...headers: readonly string[]
): Promise<Answer & { readonly body: unknown }> {
  await using socket = await RawSocket.connect(gateway.url);
  const isUpgrade = asked.headers?.includes('Upgrade: websocket') === true;
  await socket.write(requestOf(asked, isUpgrade ? headers : [...headers, 'Connection: close']));
  const answer = parseHead(await socket.head());
  await socket.closed;
  return { ...answer, body: JSON.parse(socket.received) as unknown };
}

const handshake = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];
const query = '{ brokerStats { version } }';
const follow = 'subscription { deviceMessages(deviceIds: ["a"]) { deviceId } }';
const inSearch = (text: string): string => `/graphql?${new URLSearchParams({ query: text })}`;
const post = { line: 'POST /graphql', body: JSON.stringify({ query }) };
const subscribe = { line: 'POST /graphql', body: JSON.stringify({ query: follow }) };
const events = 'Accept: text/event-stream';
const multipart = 'Accept: multipart/mixed;subscriptionSpec=1.0';

const graphql: [string, Asked][] = [
  ['a query by POST', post],
  ['a query by GET', { line: `GET ${inSearch(query)}` }],
  ['a query that takes events too', { ...post, headers: [`${events}, application/json`] }],
  ['a subscription by POST, as events', { ...subscribe, headers: [events] }],
  ['a subscription by GET, as events', { line: `GET ${inSearch(follow)}`, headers: [events] }],
  ['a subscription in parts', { ...subscribe, headers: [multipart] }],
  ['a reservation', { line: 'PUT /graphql' }],
  ['an operation of no reservation', { ...post, headers: ['X-GraphQL-Event-Stream-Token: x'] }],
  ['GraphiQL', { line: 'GET /graphql', headers: ['Accept: text/html'] }],
  ['what is no request', { line: 'POST /graphql', body: '{' }],
  ['another method', { line: 'PATCH /graphql' }],
  ['a preflight', { line: 'OPTIONS /graphql' }],
];
const probes: [string, Asked][] = [
  ['whether it is alive', { line: 'GET /health' }],
  ['whether it is ready', { line: 'GET /ready' }],
];
const others: [string, Asked][] = [
  ['the plain stream', { line: 'GET /api/v1/stream?device_ids=a', headers: [events] }],
  ['the plain stream of nothing', { line: 'GET /api/v1/stream' }],
  ['a preflight of the plain stream', { line: 'OPTIONS /api/v1/stream' }],
  ['the statistics', { line: 'GET /api/v1/stream/stats' }],
  ['the page', { line: 'GET /' }],
  ['a file of the page', { line: 'GET /assets/nothing.js' }],
  ['nothing', { line: 'GET /nothing' }],
  ['another method', { line: 'DELETE /api/v1/stream' }],
];
const webSockets: [string, Asked][] = [
  [
    'a WebSocket of GraphQL',
    {
      line: 'GET /graphql',
      headers: [...handshake, 'Sec-WebSocket-Protocol: graphql-transport-ws'],
    },
  ],
  [
    'a WebSocket of the plain stream',
    { line: 'GET /api/v1/stream?device_ids=a', headers: handshake },
  ],
];
const plainHttp = [...graphql, ...probes, ...others];
const all = [...plainHttp, ...webSockets];

const own = 'Host: localhost';
const foreign = 'Origin: https://evil.example';

function refused(gateway: TestGateway, reason: RefusalReason): number {
  return gateway.stats().requestsRefusedByReason.find((entry) => entry.reason === reason)!.count;
}

/** The one form is what GraphQL clients read, the other that of the other addresses. */
function refusalOf({ line }: Asked, message: RegExp): unknown {
  const told = expect.stringMatching(message) as string;
  return line.includes('/graphql')
    ? { errors: [{ message: told, extensions: { code: 'FORBIDDEN' } }] }
    : { error: { message: told } };
}

/** What every answer has. */
const protection = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cache-control': expect.stringMatching(/^no-/) as string,
  vary: expect.stringMatching(/^origin(,|$)/) as string,
};

function grantsIn({ headers }: Answer): string[] {
  return Object.keys(headers).filter((name) => name.startsWith('access-control-'));
}

describe('a page of an origin that is not allowed', () => {
  it.each(all)('is refused, and nothing is opened for it: %s', async (_what, asked) => {
    await using gateway = await startTestGateway();
    const answer = await answerFor(gateway, asked, own, foreign);
    expect(answer.status).toBe(403);
    expect(answer.body).toEqual(
      refusalOf(
        asked,
        /"https:\/\/evil\.example" may not read this gateway.*SLUICE_ALLOWED_ORIGINS/,
      ),
    );
    expect(answer.headers).toMatchObject({
      ...protection,
      'content-type': 'application/json; charset=utf-8',
      'cross-origin-resource-policy': 'same-origin',
      connection: 'close',
    });
    expect(grantsIn(answer)).toEqual([]);
    expect(refused(gateway, 'FOREIGN_ORIGIN')).toBe(1);
    expect(gateway.stats()).toMatchObject({ connections: 0, activeSubscribers: 0 });
  });

  it('is refused before its body has come', async () => {
    await using gateway = await startTestGateway();
    const head = ['Content-Type: application/json', 'Content-Length: 100'];
    const { status } = await headFor(gateway, { line: 'POST /graphql' }, own, foreign, ...head);
    expect(status).toBe(403);
  });

  it.each([
    ['null', 'Origin: null'],
    ['an empty one', 'Origin: '],
    ['one of this machine, and another', 'Origin: http://localhost', foreign],
    ['another, and one of this machine', foreign, 'Origin: http://localhost'],
    ['one that is very long', `Origin: http://${'a'.repeat(50_000)}.example`],
  ])('is refused whatever it calls itself: %s', async (_what, ...origins) => {
    await using gateway = await startTestGateway();
    for (const [, asked] of [['', post] as const, ...webSockets]) {
      expect((await headFor(gateway, asked, own, ...origins)).status).toBe(403);
    }
  });

  it.each(plainHttp)('is refused as a part of its page: %s', async (_what, asked) => {
    await using gateway = await startTestGateway();
    const fetched = ['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: no-cors'];
    expect((await headFor(gateway, asked, own, ...fetched)).status).toBe(403);
    expect(refused(gateway, 'FOREIGN_ORIGIN')).toBe(1);
  });
});

describe('a request to a host that is not of the gateway', () => {
  const rebound = ['Host: evil.example:4000', 'Origin: http://evil.example:4000'];

  it.each([...graphql, ...others, ...webSockets])('is refused: %s', async (_what, asked) => {
    await using gateway = await startTestGateway();
    const answer = await answerFor(gateway, asked, ...rebound);
    expect(answer.status).toBe(403);
    expect(answer.body).toEqual(
      refusalOf(asked, /"evil\.example:4000" is not a name.*SLUICE_ALLOWED_HOSTS/),
    );
    expect(answer.headers).toMatchObject(protection);
    expect(grantsIn(answer)).toEqual([]);
    expect(refused(gateway, 'FOREIGN_HOST')).toBe(1);
    expect(gateway.stats()).toMatchObject({ connections: 0, activeSubscribers: 0 });
  });

  it.each(probes)('is answered when it is a probe: %s', async (_what, asked) => {
    await using gateway = await startTestGateway();
    expect((await headFor(gateway, asked, 'Host: 10.1.2.3:4000')).status).toBe(200);
    expect((await headFor(gateway, asked, ...rebound)).status).toBe(403);
  });

  it.each([
    ['a plain request', 'GET http://evil.example/graphql?query={__typename}', []],
    ['a WebSocket', 'GET http://evil.example/api/v1/stream?device_ids=a', handshake],
  ])('is told by the target where that is a whole URL: %s', async (_what, line, headers) => {
    await using gateway = await startTestGateway();
    expect((await headFor(gateway, { line, headers }, own)).status).toBe(403);
    expect(refused(gateway, 'FOREIGN_HOST')).toBe(1);
  });

  it.each(webSockets)('is malformed for %s as for others', async (_what, asked) => {
    await using gateway = await startTestGateway();
    for (const host of ['x:99999', 'u@localhost', 'localhost#']) {
      expect((await headFor(gateway, asked, `Host: ${host}`)).status).toBe(400);
    }
  });

  it('is answered when the host is allowed', async () => {
    await using gateway = await startTestGateway({ allowedHosts: ['gw.example', '.lan'] });
    for (const host of ['gw.example', 'attic.lan:4000']) {
      const origin = `Origin: http://${host}`;
      const answer = await headFor(gateway, post, `Host: ${host}`, origin);
      expect(answer.status).toBe(200);
      expect(grantsIn(answer)).toEqual([]);
      for (const [, asked] of webSockets) {
        expect((await headFor(gateway, asked, `Host: ${host}`, origin)).status).toBe(101);
      }
    }
  });
});

describe('a page of an origin that is allowed', () => {
  const dashboard = 'https://dashboard.example';
  const allowed = { allowedOrigins: [dashboard] };

  it.each(plainHttp)('may read: %s', async (_what, asked) => {
    await using gateway = await startTestGateway(allowed);
    const answer = await headFor(gateway, asked, own, `Origin: ${dashboard}`);
    expect(answer.status).not.toBe(403);
    expect(answer.headers).toMatchObject({
      ...protection,
      'access-control-allow-origin': dashboard,
      'cross-origin-resource-policy': 'cross-origin',
    });
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
    expect(refused(gateway, 'FOREIGN_ORIGIN')).toBe(0);
  });

  it.each(webSockets)('may open %s', async (_what, asked) => {
    await using gateway = await startTestGateway(allowed);
    expect((await headFor(gateway, asked, own, `Origin: ${dashboard}`)).status).toBe(101);
  });

  it.each([
    ['/graphql', 'GET, HEAD, POST, PUT, DELETE'],
    ['/api/v1/stream', 'GET, HEAD'],
    ['/api/v1/stream/stats', 'GET, HEAD'],
    ['/health', 'GET, HEAD'],
    ['/ready', 'GET, HEAD'],
    ['/', 'GET, HEAD'],
  ])('is told before its request what it may send: %s', async (path, methods) => {
    await using gateway = await startTestGateway(allowed);
    const preflight = [
      'Access-Control-Request-Method: GET',
      'Access-Control-Request-Headers: authorization,content-type,x-anything',
    ];
    const asked = { line: `OPTIONS ${path}`, headers: preflight };
    const answer = await headFor(gateway, asked, own, `Origin: ${dashboard}`);
    expect(answer.status).toBe(204);
    expect(answer.headers).toMatchObject({
      allow: `${methods}, OPTIONS`,
      'access-control-allow-methods': methods,
      'access-control-allow-headers':
        'accept, authorization, content-type, last-event-id, x-graphql-event-stream-token',
      'access-control-max-age': '600',
    });
    expect(gateway.stats().connections).toBe(0);
    // For one that is no page's, there is nothing to grant.
    expect(grantsIn(await headFor(gateway, asked, own))).toEqual([]);
  });

  it('is of this machine, while the gateway listens for this machine alone', async () => {
    await using gateway = await startTestGateway();
    const answer = await headFor(gateway, post, own, 'Origin: http://127.0.0.1:5173');
    expect(answer.headers['access-control-allow-origin']).toBe('http://127.0.0.1:5173');
    await using open = await startTestGateway({ host: '0.0.0.0' });
    expect((await headFor(open, post, own, 'Origin: http://127.0.0.1:5173')).status).toBe(403);
  });

  it('is any where all are allowed', async () => {
    await using gateway = await startTestGateway({ allowedOrigins: ['*'] });
    const answer = await headFor(gateway, post, own, foreign);
    expect(answer.headers['access-control-allow-origin']).toBe('https://evil.example');
  });
});

describe('a request of no page', () => {
  it.each(plainHttp)('is answered, and grants nothing to pages: %s', async (_what, asked) => {
    await using gateway = await startTestGateway();
    const answer = await headFor(gateway, asked, own);
    expect(answer.status).not.toBe(403);
    expect(answer.headers).toMatchObject({
      ...protection,
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(grantsIn(answer)).toEqual([]);
    expect(gateway.stats().requestsRefused).toBe(0);
  });
});

it('protects the answer to a WebSocket at an address that has none', async () => {
  await using gateway = await startTestGateway();
  const asked = { line: 'GET /nothing', headers: handshake };
  const answer = await answerFor(gateway, asked, own);
  expect(answer.status).toBe(404);
  expect(answer.headers).toMatchObject({ ...protection, connection: 'close' });
});

describe('the pages', () => {
  it('have their protection and their caching also when they have not changed', async () => {
    const dashboardFolder = await mkdtemp(join(tmpdir(), 'sluice-pages-'));
    try {
      await writeFile(join(dashboardFolder, 'index.html'), '<!doctype html>');
      await using gateway = await startTestGateway({ dashboardFolder });
      for (const asked of [
        { line: 'GET /' },
        { line: 'GET /graphql', headers: ['Accept: text/html'] },
      ]) {
        const first = await headFor(gateway, asked, own);
        const etag = `If-None-Match: ${first.headers['etag']}`;
        const second = await headFor(gateway, asked, own, etag);
        expect([first.status, second.status]).toEqual([200, 304]);
        for (const { headers } of [first, second]) {
          expect(headers).toMatchObject({
            ...protection,
            'cache-control': 'no-cache',
            vary: expect.stringMatching(/^origin, .*accept-encoding$/) as string,
            'content-security-policy': expect.stringMatching(
              /^default-src 'none'; .*base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
            ) as string,
          });
          const [scripts] = /script-src [^;]*/.exec(headers['content-security-policy']!)!;
          expect(scripts).not.toContain('unsafe');
        }
      }
    } finally {
      await rm(dashboardFolder, { recursive: true });
    }
  });
});

it('says what to set, once for many that are refused for the same reason', async () => {
  const { logger, complaints } = keepComplaints();
  await using gateway = await startTestGateway({ logger });
  for (let n = 0; n < 3; n += 1) {
    await headFor(gateway, post, own, foreign);
    await headFor(gateway, post, 'Host: evil.example');
  }
  expect(complaints).toEqual([
    expect.stringContaining('SLUICE_ALLOWED_ORIGINS'),
    expect.stringContaining('SLUICE_ALLOWED_HOSTS'),
  ]);
});
