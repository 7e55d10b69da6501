import { expect, it } from 'vitest';
import { keepComplaints } from '../support/complaints.ts';
import { openProtocol } from '../support/graphql-transport-ws.ts';
import { serveWebSockets } from '../support/websocket-endpoints.ts';

it('closes with 4500 when something of ours breaks, and keeps to itself what', async () => {
  const { logger, complaints } = keepComplaints();
  await using server = await serveWebSockets({
    logger,
    check() {
      throw new Error('the cache is on fire');
    },
  });
  await using client = await openProtocol(server.url);
  client.subscribe('1', '{ __typename }');
  expect(await client.closed).toEqual({ code: 4500, reason: 'Internal server error' });
  expect(complaints).toEqual(['A WebSocket message could not be handled']);
});
