import { afterEach, describe, expect, it, vi } from 'vitest';
import { graphqlAddress } from '../../client/graphql-address.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('graphqlAddress', () => {
  it.each([
    ['http://gateway:4000', 'gateway:4000/graphql', ''],
    ['ws://gateway:4000/', 'gateway:4000/graphql', ''],
    ['http://gateway:4000/graphql', 'gateway:4000/graphql', ''],
    ['ws://gateway:4000/graphql/#here', 'gateway:4000/graphql', ''],
    ['https://example.org/iot', 'example.org/iot/graphql', 's'],
    ['wss://example.org/iot/', 'example.org/iot/graphql', 's'],
    ['wss://example.org/iot/graphql?tenant=1', 'example.org/iot/graphql?tenant=1', 's'],
    [new URL('https://example.org/not-graphql'), 'example.org/not-graphql/graphql', 's'],
  ])('reads %s', (url, rest, s) => {
    expect(graphqlAddress(url)).toEqual({ http: `http${s}://${rest}`, ws: `ws${s}://${rest}` });
  });

  it('reads an address relative to a page', () => {
    vi.stubGlobal('location', { href: 'https://example.org/app/index.html' });
    expect(graphqlAddress('/')).toEqual({
      http: 'https://example.org/graphql',
      ws: 'wss://example.org/graphql',
    });
    expect(graphqlAddress('/iot').http).toBe('https://example.org/iot/graphql');
  });

  it.each(['', 'gateway:4000', '127.0.0.1:4000', '/graphql', 'mqtt://gateway'])(
    'refuses %j by name',
    (url) => {
      expect(() => graphqlAddress(url)).toThrow(
        new TypeError(
          `url must be the address of a gateway, such as http://127.0.0.1:4000; it is ${JSON.stringify(url)}`,
        ),
      );
    },
  );
});
