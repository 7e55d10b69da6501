import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGunzip, gzip } from 'node:zlib';

interface Page {
  readonly gzipped: Buffer;
  readonly etag: string;
}

/** What a newcomer finds in the editor. */
const defaultQuery = `# Messages of devices, live. Put in the ids of yours and press the button.
subscription Messages {
  deviceMessages(deviceIds: ["tracker-001", "tracker-002"]) {
    deviceId
    receivedAt
    payload
    position
  }
}

query Stats {
  brokerStats {
    totalMessagesProcessed
    activeSubscribers
    devicesKnown
    messagesDelivered
    messagesDropped
    messagesRejected
    ingestConnected
  }
}
`;

/**
 * GraphiQL from the package, so that it works without the internet. The page is
 * 9 MB of HTML: it is made when it is first asked for and kept compressed (2.4 MB).
 */
export function createGraphiqlPage(): (
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<void> {
  let page: Promise<Page> | undefined;

  return async (request, response) => {
    page ??= render();
    const { gzipped, etag } = await page;
    const headers = {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      vary: 'accept, accept-encoding',
      etag,
    };
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, headers).end();
    } else if (/\bgzip\b/.test(request.headers['accept-encoding']?.toString() ?? '')) {
      response
        .writeHead(200, {
          ...headers,
          'content-encoding': 'gzip',
          'content-length': gzipped.length,
        })
        .end(gzipped);
    } else {
      // Bit by bit, as the client takes it: whole, it would cost 9 MB for each time that somebody asks and does not read.
      const text = createGunzip();
      text.end(gzipped);
      await pipeline(text, response.writeHead(200, headers));
    }
  };
}

async function render(): Promise<Page> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const html = renderGraphiQL({
    title: 'Sluice',
    endpoint: '/graphql',
    subscriptionsProtocol: 'WS',
    defaultQuery,
  });
  const gzipped = await promisify(gzip)(html);
  return {
    gzipped,
    etag: `"${createHash('sha256').update(html).digest('base64url').slice(0, 22)}"`,
  };
}
