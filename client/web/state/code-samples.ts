/** What is on the screen, as far as a program has to know it. */
export interface SampleOptions {
  /** Where GraphQL is, over HTTP. */
  readonly endpoint: string;
  readonly deviceIds: readonly string[];
  /** Kept messages that come first. */
  readonly replay: number;
  readonly transport: 'ws' | 'sse';
  readonly token: string;
}

export interface Sample {
  readonly name: string;
  readonly code: string;
}

const query = `subscription ($deviceIds: [ID!]!, $replay: Int) {
  deviceMessages(deviceIds: $deviceIds, replay: $replay) {
    deviceId
    topic
    payload
    receivedAt
    position
    gap { missed reason }
  }
}`;

/** Programs that get what is on the screen. Ids and token are written so that they stay what they are, whatever is in them. */
export function codeSamples(options: SampleOptions): readonly Sample[] {
  return [
    { name: 'graphql-ws', code: withGraphqlWs(options) },
    { name: 'urql', code: options.transport === 'ws' ? withUrqlWs(options) : withUrqlSse(options) },
    { name: 'curl', code: withCurl(options) },
  ];
}

const webSocket = ({ endpoint, token }: SampleOptions): string =>
  `const client = createClient({
  url: ${literal(endpoint.replace(/^http/, 'ws'))},${
    token === ''
      ? ''
      : `
  connectionParams: { token: ${literal(token)} },`
  }
  shouldRetry: () => true,
});`;

const operation = ({ deviceIds, replay }: SampleOptions): string =>
  `const query = \`${query}\`;
const variables = { deviceIds: [${deviceIds.map(literal).join(', ')}], replay: ${replay} };`;

function withGraphqlWs(options: SampleOptions): string {
  return `import { createClient } from 'graphql-ws';

${webSocket(options)}
${operation(options)}
for await (const { data, errors } of client.iterate({ query, variables })) {
  console.log(JSON.stringify(errors ?? data.deviceMessages));
}`;
}

const printing = `.subscribe(({ data, error }) => {
  console.log(error ? String(error) : JSON.stringify(data.deviceMessages));
});`;

function withUrqlWs(options: SampleOptions): string {
  return `import { Client, subscriptionExchange } from '@urql/core';
import { createClient } from 'graphql-ws';

${webSocket(options)}
const urql = new Client({
  url: ${literal(options.endpoint)},
  exchanges: [
    subscriptionExchange({
      forwardSubscription: (request) => ({
        subscribe: (sink) => ({ unsubscribe: client.subscribe(request, sink) }),
      }),
    }),
  ],
});
${operation(options)}
urql.subscription(query, variables)${printing}`;
}

function withUrqlSse(options: SampleOptions): string {
  const authorization =
    options.token === ''
      ? ''
      : `
  fetchOptions: { headers: { authorization: ${literal(`Bearer ${options.token}`)} } },`;
  return `import { Client, fetchExchange } from '@urql/core';

const urql = new Client({
  url: ${literal(options.endpoint)},${authorization}
  fetchSubscriptions: true,
  exchanges: [fetchExchange],
});
${operation(options)}
urql.subscription(query, variables)${printing}`;
}

function withCurl({ endpoint, deviceIds, replay, token }: SampleOptions): string {
  const oneLine = query.replaceAll(/\s+/g, ' ');
  const body = `{"query":${literal(oneLine)},"variables":{"deviceIds":[${deviceIds.map(literal).join(',')}],"replay":${replay}}}`;
  return [
    `curl -N ${quoted(endpoint)}`,
    `-H 'content-type: application/json'`,
    `-H 'accept: text/event-stream'`,
    ...(token === '' ? [] : [`-H ${quoted(`authorization: Bearer ${token}`)}`]),
    `--data-binary ${quoted(body)}`,
  ].join(' \\\n  ');
}

/**
 * A string of JSON and of JavaScript alike, in ASCII: nothing in it can turn the
 * direction of the code around it, or look like what it is not.
 */
function literal(text: string): string {
  return JSON.stringify(text).replace(
    /[^\x20-\x7e]/g,
    (unit) => String.raw`\u` + unit.charCodeAt(0).toString(16).padStart(4, '0'),
  );
}

/** One word of a POSIX shell, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
