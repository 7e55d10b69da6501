import { expect, it } from 'vitest';
import { gatewayUrl } from '../../src/command/gateway-options.ts';

it.each([
  ['http://gateway:4000', 'http://gateway:4000/graphql'],
  ['ws://gateway:4000/', 'ws://gateway:4000/graphql'],
  ['https://gateway/sluice/', 'https://gateway/sluice/graphql'],
  ['https://gateway/sluice/graphql', 'https://gateway/sluice/graphql'],
  ['https://gateway/live?a=1', 'https://gateway/live?a=1'],
])('the GraphQL of %s is at %s', (url, graphql) => {
  expect(gatewayUrl({ url })).toBe(graphql);
});
