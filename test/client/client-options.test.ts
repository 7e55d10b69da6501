import { describe, expect, it } from 'vitest';
import { addressesOf } from '../../client/client-options.ts';
import { createSluiceClient } from '../../client/index.ts';

describe('addressesOf', () => {
  it.each([
    ['http://gateway:4000', 'http://gateway:4000/graphql', 'ws://gateway:4000/graphql'],
    ['wss://gateway/', 'https://gateway/graphql', 'wss://gateway/graphql'],
    ['https://gateway/sluice', 'https://gateway/sluice', 'wss://gateway/sluice'],
    ['http://gateway?a=1#b', 'http://gateway/graphql?a=1', 'ws://gateway/graphql?a=1'],
  ])('of %s takes /graphql where no path is named', (url, http, ws) => {
    expect(addressesOf(url)).toEqual({ http, ws });
  });

  it.each(['ftp://gateway', '/graphql', 'gateway'])('refuses %s outside of a page', (url) => {
    expect(() => addressesOf(url)).toThrow(TypeError);
  });
});

describe('a duration', () => {
  it.each([Infinity, Number.NaN, 0, -1, 2 ** 31])('of %s is refused', (ms) => {
    const create = (): unknown =>
      createSluiceClient({ url: 'http://gateway:4000', silenceTimeoutMs: ms });
    expect(create).toThrow(
      new TypeError(`silenceTimeoutMs must be above 0 and below 2^31; it is ${ms}`),
    );
  });
});
