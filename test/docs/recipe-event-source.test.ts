import { createServer, request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { startFileServer } from '../support/file-server.ts';
import { startRecipe } from '../support/recipe.ts';
import { expectWholeRecord, slow } from '../support/slow-program.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { listening, type ListeningServer } from '../support/listening-server.ts';
import { followsThroughKill } from './follow-laws.ts';

const page = 'recipes/event-source.md';

/** A proxy as they are found in front: while the gateway is away, it answers 502. */
async function startProxy(target: string): Promise<ListeningServer> {
  const server = createServer((incoming, response) => {
    const { method, headers, url } = incoming;
    request(new URL(url!, target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    })
      .on('error', () => response.writeHead(502).end())
      .end();
  });
  return listening(server);
}

describe('docs/recipes/event-source.md', () => {
  it('follows devices from Node.js through a kill and a restart of the gateway', async () => {
    await using recipe = await startRecipe(page);
    const program = recipe.run('node', ['follow.mjs', 'a', 'b']);
    await followsThroughKill({
      recipe,
      program,
      first: { a: '{"n":1}', b: '2' },
      prints: {
        before: [
          '{"deviceId":"a","payload":{"n":1},"gap":null}',
          '{"deviceId":"b","payload":2,"gap":null}',
        ],
        after: [
          '{"deviceId":"a","payload":3,"gap":{"missed":null,"reason":"STREAM_RESET"}}',
          '{"deviceId":"a","payload":4,"gap":null}',
        ],
      },
    });
  });

  it('opens again, behind the last message, when a proxy has answered for the gateway', async () => {
    await using recipe = await startRecipe(page);
    await using proxy = await startProxy(recipe.gateway.url);
    const program = recipe.run('node', ['follow.mjs', 'a'], proxy.url);
    await recipe.subscribers(1);
    await recipe.publish('a', '1');
    await program.nextLine();
    await recipe.gateway.kill();
    await program.stateThat((state) => state === 'opening again');
    await recipe.gateway.start();
    await recipe.publish('a', '2');
    expect(await program.nextLine()).toBe(
      '{"deviceId":"a","payload":2,"gap":{"missed":null,"reason":"STREAM_RESET"}}',
    );
  });

  it('resumes when it was too slow and the gateway has ended its subscription', async () => {
    await using recipe = await startRecipe(page, slow);
    await using proxy = await startTcpProxy(recipe.gateway.url);
    const program = recipe.run('node', ['follow.mjs', 'a'], proxy.url);
    await expectWholeRecord(recipe, proxy, program);
  });

  it('says why a subscription is refused, and ends', async () => {
    await using recipe = await startRecipe(page);
    const program = recipe.run('node', ['follow.mjs']);
    await program.stateThat((state) => state.startsWith('ended: '));
    expect(await program.ended).toBe(0);
  });

  it('follows the plain stream through a kill and a restart of the gateway', async () => {
    await using recipe = await startRecipe(page, { SLUICE_KEEP_ALIVE_MS: '100' });
    const program = recipe.run('node', ['plain.mjs', 'a', 'b']);
    await program.stateThat((state) => state === 'the gateway is there');
    await recipe.publish('a', '{"n":1.50}');
    expect(await program.nextLine()).toBe('{"device_id":"a","n":1.50}');

    await recipe.gateway.kill();
    await recipe.gateway.start();
    await recipe.publish('b', '2', '3');
    expect(await program.lines(2)).toEqual([
      '{"device_id":"b","value":2}',
      '{"device_id":"b","value":3}',
    ]);
    program.interrupt();
    expect(await program.ended).toBe(0);
    expect(program.untaken).toEqual([]);
  });

  it('says that the plain stream is refused', async () => {
    await using recipe = await startRecipe(page);
    const program = recipe.run('node', ['plain.mjs']);
    await program.stateThat((state) => state === 'refused 400');
    expect(await program.ended).toBe(0);
  });

  it('shows devices in a page of another origin through a kill and a restart', async () => {
    await using recipe = await startRecipe(page);
    await using files = await startFileServer(recipe.folder);
    await using browser = await openBrowser();
    const { page: tab } = browser;
    const lines = tab.locator('#messages li');
    await tab.goto(`${files.url}/index.html?gateway=${recipe.gateway.url}&device=a&device=b`);
    await recipe.subscribers(1);
    await recipe.publish('a', '{"n":1}');
    await lines.nth(0).waitFor();

    await recipe.gateway.kill();
    await tab.getByText('reconnecting').waitFor();
    await recipe.gateway.start();
    await recipe.publish('a', '2');
    await recipe.publish('b', '3');
    await lines.nth(2).waitFor();
    expect((await lines.allTextContents()).toSorted()).toEqual([
      'a 2 STREAM_RESET',
      'a {"n":1}',
      'b 3 STREAM_RESET',
    ]);
    expect(await tab.locator('#state').textContent()).toBe('live');
  });
});
