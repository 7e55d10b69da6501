import { createHash } from 'node:crypto';
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { createClient } from 'graphql-ws';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connectDevice } from '../support/device.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { Inbox } from '../support/inbox.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const extensions = { persistedQuery: { version: 1, sha256Hash: sha256('{ __typename }') } };
/** In the words of Apollo Client, urql, Apollo Kotlin and Apollo iOS. */
const notSupported = {
  data: null,
  errors: [
    {
      message: 'PersistedQueryNotSupported',
      extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' },
    },
    { message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } },
  ],
};

const stats = gql`
  query Stats {
    brokerStats {
      ingestConnected
    }
  }
`;
const version = gql`
  query Version {
    brokerStats {
      version
    }
  }
`;
const live = gql`
  subscription Live {
    deviceMessages(deviceIds: ["a"]) {
      payload
    }
  }
`;

function apolloClient(link: ApolloLink): ApolloClient {
  return new ApolloClient({
    link,
    cache: new InMemoryCache(),
    defaultOptions: { query: { fetchPolicy: 'no-cache' } },
  });
}

/** Apollo Client over HTTP, and what it has sent. */
function persistedClient(
  { url }: TestGateway,
  useGETForHashedQueries = false,
): { client: ApolloClient; requests: string[] } {
  const requests: string[] = [];
  const link = new HttpLink({
    uri: `${url}/graphql`,
    fetch(input, init) {
      const request = new Request(input, init);
      const body = typeof init?.body === 'string' ? init.body : '';
      const hasText = body.includes('"query":') || request.url.includes('query=');
      requests.push(`${request.method}${hasText ? ' text' : ''}`);
      return fetch(input, init);
    },
  });
  const hashed = new PersistedQueryLink({ sha256, useGETForHashedQueries });
  return { client: apolloClient(ApolloLink.from([hashed, link])), requests };
}

describe('a request with the hash of its query alone', () => {
  it.each([
    ['application/json', 'application/json; charset=utf-8'],
    ['application/graphql-response+json', 'application/graphql-response+json; charset=utf-8'],
    ['text/event-stream', 'application/json; charset=utf-8'],
    ['multipart/mixed;subscriptionSpec=1.0', 'application/json; charset=utf-8'],
  ])('is told with status 200 that no hash is known: Accept: %s', async (accept, contentType) => {
    await using gateway = await startTestGateway();
    const query = new URLSearchParams({ extensions: JSON.stringify(extensions) });
    const asked = [
      fetch(`${gateway.url}/graphql?${query}`, { headers: { accept } }),
      fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { accept, 'content-type': 'application/json' },
        body: JSON.stringify({ operationName: 'A', variables: {}, extensions }),
      }),
    ];
    for (const response of await Promise.all(asked)) {
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe(contentType);
      expect(await response.json()).toEqual(notSupported);
    }
  });

  it('is executed with the text of the query beside it', async () => {
    await using gateway = await startTestGateway();
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ __typename }', extensions }),
    });
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
  });
});

describe("Apollo Client's PersistedQueryLink", () => {
  it.each([
    [false, ['POST', 'POST text', 'POST text']],
    [true, ['GET', 'POST text', 'POST text']],
  ])('sends the text, and no hash after the first: by GET: %s', async (byGet, expected) => {
    await using gateway = await startTestGateway();
    const { client, requests } = persistedClient(gateway, byGet);
    expect((await client.query({ query: stats })).data).toMatchObject({
      brokerStats: { ingestConnected: true },
    });
    expect((await client.query({ query: version })).data).toMatchObject({
      brokerStats: { version: gateway.stats().version },
    });
    expect(requests).toEqual(expected);
  });

  it.each(['multipart', 'WebSocket'])('subscribes over %s', async (transport) => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    const url = `${gateway.webSocketUrl}/graphql`;
    const webSocket = createClient({ url, webSocketImpl: WebSocket });
    const client =
      transport === 'multipart'
        ? persistedClient(gateway).client
        : apolloClient(
            ApolloLink.from([new PersistedQueryLink({ sha256 }), new GraphQLWsLink(webSocket)]),
          );
    const inbox = new Inbox<unknown>();
    const subscription = client.subscribe({ query: live }).subscribe({
      next: ({ data }) => inbox.push(data),
      error: (error: Error) => inbox.end(error),
    });
    await gateway.until(({ activeSubscribers }) => activeSubscribers === 1);
    await device.publish('devices/a/messages', '1');
    expect(await inbox.next()).toMatchObject({ deviceMessages: { payload: 1 } });
    subscription.unsubscribe();
    await webSocket.dispose();
  });
});
