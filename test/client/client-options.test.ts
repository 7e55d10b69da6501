import { afterEach, describe, expect, it, vi } from 'vitest';
import { addressesOf } from '../../client/address.ts';
import { createSluiceClient, type SluiceClientOptions } from '../../client/index.ts';

const url = 'http://gateway:4000';
const create = (options: unknown) => createSluiceClient(options as SluiceClientOptions);
const client = createSluiceClient({ url });
const follow = (options: object) =>
  client.deviceMessages(options as Parameters<typeof client.deviceMessages>[0]);

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('addressesOf', () => {
  it.each([
    ['http://gateway:4000', 'http://gateway:4000/graphql'],
    ['http://gateway:4000/', 'http://gateway:4000/graphql'],
    ['ws://gateway:4000/graphql', 'http://gateway:4000/graphql'],
    ['wss://gateway/', 'https://gateway/graphql'],
    ['https://gateway/graphql/', 'https://gateway/graphql'],
    ['https://gateway/sluice/', 'https://gateway/sluice/graphql'],
    ['https://gateway/sluice/graphql', 'https://gateway/sluice/graphql'],
    ['https://gateway/sluice/graphql/', 'https://gateway/sluice/graphql'],
    // A proxy may call it what it likes.
    ['https://gateway/live', 'https://gateway/live'],
    ['https://gateway/graphql/v2', 'https://gateway/graphql/v2'],
    ['http://gateway?a=1#b', 'http://gateway/graphql?a=1'],
  ])('of %s finds %s', (given, http) => {
    const ws = http.replace('http', 'ws');
    expect(addressesOf(given)).toMatchObject({ http, ws });
    expect(addressesOf(new URL(given))).toMatchObject({ http, ws });
  });

  it('shows it as it was given, and nothing that may be secret', () => {
    const { shown } = addressesOf('wss://user:secret@gateway/sluice/?token=secret');
    expect(shown).toBe('wss://gateway/sluice/graphql');
  });

  it.each([
    ['', '""'],
    [' ', '" "'],
    [undefined, 'undefined'],
    [null, 'null'],
    [4000, '4000'],
    [{}, '{}'],
    ['127.0.0.1:4000', '"127.0.0.1:4000"'],
    ['localhost:4000', '"localhost:4000"'],
    ['gateway', '"gateway"'],
    ['/graphql', '"/graphql"'],
    ['ftp://user:secret@gateway', '"ftp://***@gateway"'],
    ['http://', '"http://"'],
    ['x'.repeat(1000), `"${'x'.repeat(79)}…`],
  ])('refuses %j outside of a page', (given, shown) => {
    expect(() => addressesOf(given)).toThrow(
      new TypeError(
        `url must begin with http://, https://, ws:// or wss://, such as http://127.0.0.1:4000; it is ${shown}`,
      ),
    );
  });

  it('takes a relative one in a page', () => {
    vi.stubGlobal('location', { href: 'https://page/app/index.html' });
    expect(addressesOf('/graphql').http).toBe('https://page/graphql');
    expect(addressesOf('./').ws).toBe('wss://page/app/graphql');
    expect(addressesOf('graphql').shown).toBe('https://page/app/graphql');
  });

  it.each(['', '127.0.0.1:4000', 'localhost:4000', 'file:///graphql'])(
    'refuses %j in a page too',
    (given) => {
      vi.stubGlobal('location', { href: 'https://page/app/' });
      expect(() => addressesOf(given)).toThrow(/^url must .* or be relative to the page/);
    },
  );
});

describe('an option of the client that is wrong is named', () => {
  it.each([
    [undefined, 'options must be an object with url, token, '],
    ['http://gateway', 'options must be an object with url, token, '],
    [{}, 'url must begin with http://, '],
    [{ url, tokn: 'a' }, '"tokn" is not an option: there are url, token, transport, '],
    [{ url, toString: 1 }, '"toString" is not an option'],
    [{ url, token: 7 }, 'token must be a string or a function; it is of type number'],
    [{ url, transport: 'http' }, 'transport must be ws, sse or auto; it is "http"'],
    [{ url, onStatus: 'log' }, 'onStatus must be a function; it is "log"'],
    [{ url, fetch: {} }, 'fetch must be a function; it is {}'],
    [{ url, webSocketImpl: 'ws' }, 'webSocketImpl must be a class such as WebSocket; it is "ws"'],
    ...[Infinity, Number.NaN, 0, -1, 2 ** 31, null].map((ms): [unknown, string] => [
      { url, silenceTimeoutMs: ms },
      `silenceTimeoutMs must be a number of milliseconds above 0 and below 2^31; it is ${ms}`,
    ]),
    [{ url, minRetryMs: '5' }, 'above 0 and below 2^31; it is "5"'],
  ])('%j', (options, message) => {
    expect(() => create(options)).toThrow(TypeError);
    expect(() => create(options)).toThrow(message);
  });

  it('an option that is undefined is as if it were missing', () => {
    expect(create({ url, token: undefined, minRetryMs: undefined }).status.state).toBe('closed');
  });
});

describe('an option of a stream or a query that is wrong is named', () => {
  const deviceIds = ['a'];
  const circle: { self?: unknown } = {};
  circle.self = circle;
  const after = 'after must be an array of { deviceId, position }, both strings; it is ';
  it.each([
    [{}, 'deviceIds must be an array of strings; it is undefined'],
    [{ deviceIds: 'ab' }, 'deviceIds must be an array of strings; it is "ab"'],
    [{ deviceIds: new Set(['a']) }, 'deviceIds must be an array of strings; it is {}'],
    [{ deviceIds: ['a', ['b']] }, 'deviceIds[1] must be a string; it is ["b"]'],
    [{ deviceIds: [7n] }, 'deviceIds[0] must be a string; it is 7'],
    [{ deviceIds: [() => 'a'] }, 'deviceIds[0] must be a string; it is a function'],
    [{ deviceIds: [circle] }, 'deviceIds[0] must be a string; it is an object'],
    [
      { deviceIds: [['x'.repeat(1000)]] },
      `deviceIds[0] must be a string; it is ["${'x'.repeat(78)}…`,
    ],
    [{ deviceIds, after: { a: 'e-1' } }, `${after}{"a":"e-1"}`],
    [{ deviceIds, after: ['e-1'] }, `${after}["e-1"]`],
    [{ deviceIds, after: [null] }, `${after}[null]`],
    [{ deviceIds, after: [{ deviceId: 'a' }] }, `${after}[{"deviceId":"a"}]`],
    [
      { deviceIds, after: [{ deviceId: 'b', position: 'e-1' }] },
      'after names "b", which is not among deviceIds',
    ],
    [{ deviceIds, replay: -1 }, 'replay must be a whole number from 0 on; it is -1'],
    [{ deviceIds, replay: 1.5 }, 'replay must be a whole number from 0 on; it is 1.5'],
    [{ deviceIds, overflow: 1 }, 'overflow must be a string; it is 1'],
    [{ deviceIds, maxQueued: 0 }, 'maxQueued must be a whole number from 1 on; it is 0'],
    [
      { deviceIds, minIntervalMs: '5' },
      'minIntervalMs must be a whole number from 0 on; it is "5"',
    ],
    [{ deviceIds, onGap: 1 }, 'onGap must be a function; it is 1'],
    [{ deviceIds, maxBuffered: 0 }, 'maxBuffered must be a whole number from 1 on; it is 0'],
    [{ deviceIds, signal: true }, 'signal must be an AbortSignal; it is true'],
    [{ deviceIds, devices: ['a'] }, '"devices" is not an option: there are deviceIds, after, '],
  ])('%o', (options, message) => {
    expect(() => follow(options)).toThrow(TypeError);
    expect(() => follow(options)).toThrow(message);
  });

  it('of a subscription and of a query of the own document too', async () => {
    const wrong = { maxQueued: 1 } as object;
    const message = '"maxQueued" is not an option: there are signal';
    expect(() => client.subscribe('subscription { n }', {}, wrong)).toThrow(message);
    await expect(client.query('{ n }', {}, wrong)).rejects.toThrow(message);
  });

  it('takes null where GraphQL does', async () => {
    const stream = follow({ deviceIds: [], overflow: null, maxQueued: null, minIntervalMs: null });
    await stream.return!();
  });

  it.each(['add', 'remove'] as const)(
    '%s takes ids one by one, in an array, and nothing else',
    async (change) => {
      const stream = follow({ deviceIds: [] });
      stream[change]('b', 'c');
      stream[change](['d', 'e']);
      stream[change]();
      expect(() => (stream[change] as (id: unknown) => void)(7)).toThrow(
        new TypeError('deviceIds[0] must be a string; it is 7'),
      );
      expect(() => (stream[change] as (id: unknown) => void)([['b']])).toThrow(
        new TypeError('deviceIds[0] must be a string; it is ["b"]'),
      );
      await stream.return!();
    },
  );
});
