import { createServer, request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { startRecipe } from '../support/recipe.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { listening, type ListeningServer } from '../support/listening-server.ts';

const page = 'migration.md';

/** A payload, and the data of the plain stream for it, apart from white space. */
const payloads: readonly (readonly [string, string])[] = [
  ['{"t":21.50}', '{"device_id":"a","t":21.50}'],
  [
    '{"n":9007199254740993,"f":1e400,"z":-0.0}',
    '{"device_id":"a","n":9007199254740993,"f":1e400,"z":-0.0}',
  ],
  ['{ }', '{"device_id":"a"}'],
  ['{"t":1,"device_id":"another"}', '{"t":1,"device_id":"another"}'],
  ['{"device_id":null}', '{"device_id":null}'],
  ['{"o":{"device_id":1}}', '{"device_id":"a","o":{"device_id":1}}'],
  ['{"gap":{"missed":3},"data":"id: 5"}', '{"device_id":"a","gap":{"missed":3},"data":"id: 5"}'],
  ['12345678901234567890.0', '{"device_id":"a","value":12345678901234567890.0}'],
  ['"\\u00e4\\n\\ndata: {}"', '{"device_id":"a","value":"ä\\n\\ndata: {}"}'],
  ['null', '{"device_id":"a","value":null}'],
  ['false', '{"device_id":"a","value":false}'],
  ['[1.0,[2]]', '{"device_id":"a","value":[1.0,[2]]}'],
  ['{\r\n  "lines": [\n    1.0\r\n  ]\n}', '{"device_id":"a","lines":[1.0]}'],
];

/** A proxy that passes on whole events, apart from some of the plain stream's. */
async function startTamperingProxy(target: string): Promise<ListeningServer> {
  const server = createServer(({ headers, url }, response) => {
    request(new URL(url!, target), { headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        const blocks = (text + chunk).split(/(?<=\n\n)/);
        text = blocks.at(-1)!.endsWith('\n\n') ? '' : blocks.pop()!;
        for (const block of blocks) {
          if (url!.startsWith('/graphql')) response.write(block);
          else if (!block.includes('lose')) response.write(block.replace('change', 'changed'));
        }
      });
    })
      .on('error', () => response.destroy())
      .end();
  });
  return listening(server);
}

describe('docs/migration.md', () => {
  it('finds every message of the plain stream over GraphQL, in its order and digit for digit', async () => {
    await using recipe = await startRecipe(page);
    const program = recipe.run('node', ['compare.mjs', 'a', 'b']);
    await recipe.subscribers(4);
    await recipe.publish('a', ...payloads.map(([payload]) => payload));
    expect(await program.lines(payloads.length)).toEqual(
      payloads.map(([, data]) => `same ${data} `),
    );
    await recipe.publish('b', '{"device_id":"a"}');
    expect(await program.nextLine()).toBe('same {"device_id":"a"} ');

    await recipe.gateway.kill();
    await recipe.gateway.start();
    await recipe.publish('a', '1', '2');
    expect(await program.lines(2)).toEqual([
      'same {"device_id":"a","value":1} gap {"missed":null,"reason":"STREAM_RESET"}',
      'same {"device_id":"a","value":2} ',
    ]);
    program.interrupt();
    expect(await program.nextLine()).toBe(`{ same: ${payloads.length + 3} }`);
    expect(await program.ended).toBe(0);
  });

  it('finds nothing amiss when the connections are cut', async () => {
    await using recipe = await startRecipe(page);
    await using proxy = await startTcpProxy(recipe.gateway.url);
    const program = recipe.run('node', ['compare.mjs', 'a'], proxy.url);
    await recipe.subscribers(2);
    await recipe.publish('a', '1');
    await program.nextLine();
    proxy.cut();
    await recipe.publish('a', '2', '3');
    expect(await program.lines(2)).toEqual([
      'same {"device_id":"a","value":2} ',
      'same {"device_id":"a","value":3} ',
    ]);
  });

  it('tells of a message that came over one stream alone, and of one that differs', async () => {
    await using recipe = await startRecipe(page);
    // A proxy that tampers with the plain stream.
    await using proxy = await startTamperingProxy(recipe.gateway.url);
    const program = recipe.run('node', ['compare.mjs', 'a'], proxy.url);
    await recipe.subscribers(2);
    await recipe.publish('a', '"lose"', '"change"', '"keep"');
    expect(await program.lines(3)).toEqual([
      'only graphql {"device_id":"a","value":"lose"} ',
      expect.stringMatching(/^DIFFERENT .*"changed".*"change"|^DIFFERENT .*"change".*"changed"/),
      'same {"device_id":"a","value":"keep"} ',
    ]);
    program.interrupt();
    expect(await program.nextLine()).toBe("{ 'only graphql': 1, DIFFERENT: 1, same: 1 }");
  });
});
