import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { startRecipe, type Recipe } from '../support/recipe.ts';

const page = 'recipes/event-source.md';

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The page's files from an origin of their own, as they are. */
async function serveFiles({ folder }: Recipe): Promise<Server> {
  const server = createServer((incoming, response) => {
    const name = new URL(incoming.url!, 'http://localhost').pathname.slice(1);
    const type = name.endsWith('.js') ? 'text/javascript' : 'text/html';
    readFile(join(folder, name)).then(
      (content) => response.writeHead(200, { 'content-type': type }).end(content),
      () => response.writeHead(404).end(),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

/** A proxy as they are found in front: while the gateway is away, it answers 502. */
async function serveProxy(target: string): Promise<Server> {
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
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

function close(server: Server): void {
  server.close();
  server.closeAllConnections();
}

describe('docs/recipes/event-source.md', () => {
  it('follows devices from Node.js through a kill and a restart of the gateway', async () => {
    await using recipe = await startRecipe(page);
    const program = recipe.run('node', ['follow.mjs', 'a', 'b']);
    await recipe.subscribers(1);
    await recipe.publish('a', '{"n":1}');
    await recipe.publish('b', '2');
    await recipe.publish('c', '"of nobody"');
    expect(await program.lines(2)).toEqual([
      '{"deviceId":"a","payload":{"n":1},"gap":null}',
      '{"deviceId":"b","payload":2,"gap":null}',
    ]);

    await recipe.gateway.kill();
    await recipe.gateway.start();
    await recipe.publish('a', '3', '4');
    expect(await program.lines(2)).toEqual([
      '{"deviceId":"a","payload":3,"gap":{"missed":null,"reason":"STREAM_RESET"}}',
      '{"deviceId":"a","payload":4,"gap":null}',
    ]);
    program.interrupt();
    expect(await program.ended).toBe(0);
    expect(program.untaken).toEqual([]);
  });

  it('opens again, behind the last message, when a proxy has answered for the gateway', async () => {
    await using recipe = await startRecipe(page);
    const proxy = await serveProxy(recipe.gateway.url);
    try {
      const program = recipe.run('node', ['follow.mjs', 'a'], urlOf(proxy));
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
    } finally {
      close(proxy);
    }
  });

  it('says why a subscription is refused, and ends', async () => {
    await using recipe = await startRecipe(page);
    const program = recipe.run('node', ['follow.mjs']);
    await program.stateThat((state) => state.startsWith('refused: '));
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
    const files = await serveFiles(recipe);
    try {
      await using browser = await openBrowser();
      const { page: tab } = browser;
      const lines = tab.locator('#messages li');
      await tab.goto(`${urlOf(files)}/index.html?gateway=${recipe.gateway.url}&device=a&device=b`);
      await recipe.subscribers(1);
      await recipe.publish('a', '{"n":1}');
      await lines.nth(0).waitFor();

      await recipe.gateway.kill();
      await tab.getByText('reconnecting').waitFor();
      await recipe.gateway.start();
      await recipe.publish('a', '2');
      await recipe.publish('b', '3');
      await lines.nth(2).waitFor();
      expect((await lines.allTextContents()).sort()).toEqual([
        'a 2 STREAM_RESET',
        'a {"n":1}',
        'b 3 STREAM_RESET',
      ]);
      expect(await tab.locator('#state').textContent()).toBe('live');
    } finally {
      close(files);
    }
  });
});
