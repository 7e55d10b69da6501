import { endpoint } from '../state/connection.ts';
import { watched } from '../state/watched.ts';

/** How a program of one's own gets exactly what is on the screen. */
export function CodeSamples() {
  const ids = JSON.stringify(
    watched.value.size === 0 ? ['tracker-001'] : [...watched.value.keys()],
  );
  const ws = endpoint.href.replace(/^http/, 'ws');
  const query =
    'subscription ($deviceIds: [ID!]!) { deviceMessages(deviceIds: $deviceIds) { deviceId receivedAt payload gap { missed reason } } }';
  const body = JSON.stringify({
    query,
    variables: { deviceIds: JSON.parse(ids) as unknown },
  }).replaceAll("'", String.raw`'\''`);
  const connection = `import { createClient } from 'graphql-ws';\n\nconst client = createClient({ url: '${ws}' });\nconst query = \`${query}\`;\nconst variables = { deviceIds: ${ids} };\n`;
  const samples = [
    [
      'graphql-ws',
      `${connection}for await (const { data } of client.iterate({ query, variables })) console.log(data);`,
    ],
    [
      'urql',
      `import { Client, subscriptionExchange } from '@urql/core';\n${connection}const urql = new Client({\n  url: '${endpoint.href}',\n  exchanges: [subscriptionExchange({\n    forwardSubscription: (request) => ({\n      subscribe: (sink) => ({ unsubscribe: client.subscribe(request, sink) }),\n    }),\n  })],\n});\nurql.subscription(query, variables).subscribe(({ data }) => console.log(data));`,
    ],
    [
      'curl',
      `curl -N '${endpoint.href}' -H 'content-type: application/json' \\\n  -H 'accept: text/event-stream' \\\n  -d '${body}'`,
    ],
  ] as const;
  return (
    <div class="card">
      <h2>The same from your own program</h2>
      {samples.map(([name, code], i) => (
        <details key={name} open={i === 0}>
          <summary>{name}</summary>
          <pre tabIndex={0}>{code}</pre>
          <button
            type="button"
            aria-label={`Copy ${name}`}
            onClick={() => void navigator.clipboard.writeText(code)}
          >
            Copy
          </button>
        </details>
      ))}
    </div>
  );
}
