import { describe, expect, it } from 'vitest';
import { addressesOf } from '../../client/client-options.ts';

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
