import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as RenderGraphiql from '@graphql-yoga/render-graphiql';

/** The initial text of the editor. */
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
 * Next to `dist/src`, and not next to `src`: when the gateway runs from its sources, it
 * renders the page itself and never shows an older build.
 */
const builtPage = join(import.meta.dirname, '../../../graphiql/index.html.gz');

/** The built page, compressed; undefined when the gateway runs from its sources. */
export async function readBuiltGraphiql(): Promise<Buffer | undefined> {
  try {
    return await readFile(builtPage);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Renders the page. Its package is a development dependency, because npm would
 * install its peer, all of graphql-yoga, for every user of the gateway.
 */
export async function renderGraphiqlHtml(): Promise<string> {
  // A variable, so that a bundler does not resolve a package that its user does not have.
  const name: string = '@graphql-yoga/render-graphiql';
  const { renderGraphiQL } = (await import(name)) as typeof RenderGraphiql;
  return renderGraphiQL({
    title: 'Sluice',
    endpoint: '/graphql',
    subscriptionsProtocol: 'WS',
    defaultQuery,
  });
}
