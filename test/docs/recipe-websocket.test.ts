import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { startFileServer } from '../support/file-server.ts';
import { filesIn } from '../support/page-programs.ts';
import { startRecipe } from '../support/recipe.ts';
import { expectWholeRecord, slow } from '../support/slow-program.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { followsThroughKill } from './follow-laws.ts';

const root = resolve(import.meta.dirname, '../..');
const page = 'recipes/websocket.md';

describe('docs/recipes/websocket.md', () => {
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
      isCut: (state) => state.startsWith('reconnecting: 1006'),
    });
  });

  it('misses nothing when the connection alone is cut', async () => {
    await using recipe = await startRecipe(page);
    await using proxy = await startTcpProxy(recipe.gateway.url);
    const program = recipe.run('node', ['follow.mjs', 'a'], proxy.url);
    await recipe.subscribers(1);
    await recipe.publish('a', '1');
    await program.nextLine();
    proxy.cut();
    await program.stateThat((state) => state.startsWith('reconnecting: 1006'));
    await recipe.publish('a', '2', '3');
    expect(await program.lines(2)).toEqual([
      '{"deviceId":"a","payload":2,"gap":null}',
      '{"deviceId":"a","payload":3,"gap":null}',
    ]);
  });

  it('says why a subscription is refused, and ends', async () => {
    await using recipe = await startRecipe(page);
    const program = recipe.run('node', ['follow.mjs']);
    await program.stateThat((state) => state.startsWith('ended: '));
    expect(await program.ended).toBe(0);
  });

  it('resumes when it was too slow and the gateway has ended its subscription', async () => {
    await using recipe = await startRecipe(page, slow);
    await using proxy = await startTcpProxy(recipe.gateway.url);
    const program = recipe.run('node', ['follow.mjs', 'a'], proxy.url);
    await expectWholeRecord(recipe, proxy, program);
  });

  it('shows devices in the page of the other recipe through a kill and a restart', async () => {
    await using recipe = await startRecipe(page);
    const other = await readFile(join(root, 'docs/recipes/event-source.md'), 'utf8');
    await writeFile(join(recipe.folder, 'index.html'), filesIn(other).get('index.html')!);
    await using files = await startFileServer(recipe.folder);
    await using browser = await openBrowser();
    const { page: tab, asked } = browser;
    const lines = tab.locator('#messages li');
    await tab.goto(`${files.url}/index.html?gateway=${recipe.gateway.url}&device=a`);
    await recipe.subscribers(1);
    await recipe.publish('a', '1');
    await lines.nth(0).waitFor();
    await recipe.gateway.kill();
    await tab.getByText('reconnecting').waitFor();
    await recipe.gateway.start();
    await recipe.publish('a', '2');
    await lines.nth(1).waitFor();
    expect(await lines.allTextContents()).toEqual(['a 1', 'a 2 STREAM_RESET']);
    expect(await tab.locator('#state').textContent()).toBe('live');
    expect(asked).toContain(`${recipe.gateway.webSocketUrl}/graphql`);
  });

  it('follows the plain stream through a kill and a restart of the gateway', async () => {
    await using recipe = await startRecipe(page);
    const program = recipe.run('node', ['plain.mjs', 'a', 'b']);
    await recipe.subscribers(1);
    await recipe.publish('a', '{"n":1}');
    expect(await program.nextLine()).toBe('{"device_id":"a","n":1}');

    await recipe.gateway.kill();
    await recipe.gateway.start();
    // It begins live: what comes before is of nobody.
    await recipe.subscribers(1);
    await recipe.publish('b', '2');
    expect(await program.nextLine()).toBe('{"device_id":"b","value":2}');
    program.interrupt();
    expect(await program.ended).toBe(0);
    expect(program.untaken).toEqual([]);
  });

  it('says why the plain stream is refused, and ends', async () => {
    await using recipe = await startRecipe(page);
    const program = recipe.run('node', ['plain.mjs']);
    await program.stateThat((state) => state.startsWith('device_ids is required'));
    expect(await program.ended).toBe(0);
  });
});
