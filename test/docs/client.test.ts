import { execFile, spawn } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { build, createServer } from 'vite';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createSluiceClient } from '../../client/index.ts';
import { openBrowser } from '../support/browser.ts';
import { connectDevice } from '../support/device.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { Inbox } from '../support/inbox.ts';
import { writePageProgram, type PageProgram } from '../support/page-programs.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const root = resolve(import.meta.dirname, '../..');
let programs: PageProgram;

beforeAll(async () => {
  programs = await writePageProgram('client.md');
});

afterAll(async () => {
  await programs[Symbol.asyncDispose]();
});

interface Run extends AsyncDisposable {
  readonly lines: Inbox<string>;
  readonly exitCode: Promise<number | null>;
}

function run(gateway: { readonly url: string }, name: string, ...args: string[]): Run {
  const child = spawn(process.execPath, [name, ...args], {
    cwd: programs.folder,
    env: { PATH: process.env['PATH'], SLUICE_URL: gateway.url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines = new Inbox<string>();
  let complaints = '';
  child.stderr.on('data', (data: Buffer) => (complaints += data.toString()));
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  const exitCode = new Promise<number | null>((done) => child.on('close', done));
  void exitCode.then(() => lines.end(new Error(`it has ended: ${complaints}`)));
  return {
    lines,
    exitCode,
    async [Symbol.asyncDispose]() {
      child.kill();
      await exitCode;
    },
  };
}

async function publish(gateway: TestGateway, deviceId: string, ...payloads: string[]) {
  await using device = await connectDevice(gateway.mqttUrl);
  for (const payload of payloads) await device.publish(`devices/${deviceId}/messages`, payload);
}

/** Builds a page that has this script alone; answers its folder. */
async function buildPage(input: string): Promise<string> {
  const name = `page-${input}`;
  await build({
    configFile: false,
    root: programs.folder,
    logLevel: 'error',
    build: { outDir: name, target: 'es2022', rolldownOptions: { input } },
  });
  const folder = join(programs.folder, name);
  const files = await readdir(join(folder, 'assets'));
  const script = files.find((file) => file.endsWith('.js'));
  await writeFile(
    join(folder, 'index.html'),
    `<!doctype html><html lang="en"><body><script type="module" src="assets/${script}"></script></body></html>`,
  );
  return folder;
}

describe('the programs of docs/client.md', () => {
  it('are those that are run here', () => {
    expect([...programs.files.keys()].toSorted()).toEqual([
      'app.ts',
      'devices.mjs',
      'gateway.ts',
      'page.ts',
      'reply.mjs',
      'status.mjs',
      'use-sluice.ts',
      'vite.config.js',
      'watch.mjs',
    ]);
  });

  it('watch.mjs prints what devices send, over an interruption', async () => {
    await using gateway = await startTestGateway();
    await using proxy = await startTcpProxy(gateway.url);
    await using program = run(proxy, 'watch.mjs', 'tracker-001', 'tracker-002');
    await gateway.until((stats) => stats.devicesBeingMonitored === 2);
    await publish(gateway, 'tracker-001', '{"lat":52.5}');
    expect(await program.lines.next()).toBe('tracker-001 {"lat":52.5}');
    proxy.cut();
    await publish(gateway, 'tracker-002', '1', '2');
    expect(await program.lines.take(2)).toEqual(['tracker-002 1', 'tracker-002 2']);
  });

  it('devices.mjs looks where it is told to', async () => {
    await using gateway = await startTestGateway();
    await publish(gateway, 'kitchen', '"dark"');
    await publish(gateway, 'door', '"kitchen"');
    await gateway.until((stats) => stats.totalMessagesProcessed === 2);
    await using program = run(gateway, 'devices.mjs');
    expect(await program.lines.take(2)).toEqual(['door kitchen', 'kitchen dark']);
    await publish(gateway, 'door', '"closed"');
    expect(await program.lines.next()).toBe('door closed');
    expect(await program.exitCode).toBe(0);
  });

  it('gateway.ts asks and follows the gateway', async () => {
    await using gateway = await startTestGateway();
    await publish(gateway, 'a', '1');
    await gateway.until((stats) => stats.totalMessagesProcessed === 1);
    await using program = run(gateway, 'gateway.ts');
    expect(await program.lines.take(3)).toEqual([
      `Sluice ${gateway.stats().version}`,
      'subscribers 0',
      'devices 1',
    ]);
    expect(await program.exitCode).toBe(0);
  });

  it('reply.mjs hears what was published as soon as it says so', async () => {
    await using gateway = await startTestGateway();
    await publish(gateway, 'pump', '"from before"');
    await gateway.until((stats) => stats.totalMessagesProcessed === 1);
    await using program = run(gateway, 'reply.mjs');
    expect(await program.lines.next()).toBe('now send the command');
    await publish(gateway, 'pump', '"running"');
    expect(await program.lines.next()).toBe('it says running');
    expect(await program.exitCode).toBe(0);
  });

  it('status.mjs tells how the connection stands', async () => {
    await using gateway = await startTestGateway();
    await using proxy = await startTcpProxy(gateway.url);
    await publish(gateway, 'a', '1');
    await gateway.until((stats) => stats.totalMessagesProcessed === 1);
    await using program = run(proxy, 'status.mjs');
    expect(await program.lines.take(3)).toEqual(['connecting over ws', 'live over ws', '1']);
    proxy.cut();
    expect(await program.lines.take(3)).toEqual([
      `attempt 1 follows: ${proxy.url}/graphql: the connection was lost (1006)`,
      'connecting over ws',
      'live over ws',
    ]);
    await publish(gateway, 'a', '"enough"');
    expect(await program.lines.take(2)).toEqual(['enough', expect.stringMatching(/^closed: /)]);
    expect(await program.exitCode).toBe(0);
  });

  it.each(['auto', 'sse'])('page.ts shows them in Chromium, over %s', async (transport) => {
    const dashboardFolder = await buildPage('page.ts');
    await using gateway = await startTestGateway({ dashboardFolder });
    await using proxy = await startTcpProxy(gateway.url);
    await using browser = await openBrowser();
    const { page, asked } = browser;
    await page.goto(`${proxy.url}/?transport=${transport}`);
    await gateway.until((stats) => stats.devicesBeingMonitored === 2);
    const items = async (count: number): Promise<string[]> => {
      await page
        .locator('li')
        .nth(count - 1)
        .waitFor();
      return page.locator('li').allTextContents();
    };
    await publish(gateway, 'a', '1');
    expect(await items(1)).toEqual(['a 1']);
    for (let i = 0; i < 5; i += 1) {
      proxy.refuse(true);
      proxy.cut();
      await page.waitForFunction(() => document.title === 'reconnecting');
      await publish(gateway, 'b', String(i));
      proxy.refuse(false);
      await items(2 + i);
    }
    expect(await items(6)).toEqual(['a 1', 'b 0', 'b 1', 'b 2', 'b 3', 'b 4']);
    expect(await page.title()).toBe('live');
    expect(asked.some((url) => url.startsWith('ws:'))).toBe(transport === 'auto');
  });

  it('app.ts shows the status and the last messages in Chromium, over an interruption', async () => {
    const dashboardFolder = await buildPage('app.ts');
    await using gateway = await startTestGateway({ dashboardFolder });
    await using proxy = await startTcpProxy(gateway.url);
    await using browser = await openBrowser();
    const { page } = browser;
    await page.goto(proxy.url);
    await gateway.until((stats) => stats.devicesBeingMonitored === 2);
    await publish(gateway, 'a', '1', '2');
    await publish(gateway, 'b', '3');
    await page.getByText('a 2').waitFor();
    await page.getByText('b 3').waitFor();
    expect(await page.locator('h1').textContent()).toBe('live');
    proxy.refuse(true);
    proxy.cut();
    await page.getByText(`${proxy.url}/graphql: `).waitFor();
    proxy.refuse(false);
    await publish(gateway, 'b', '4');
    await page.getByText('b 4').waitFor();
    expect(await page.locator('li').allTextContents()).toEqual(['a 2', 'b 4']);
    expect(await page.locator('h1').textContent()).toBe('live');
    expect(await page.locator('p').textContent()).toBe('');
    // StrictMode has mounted it twice: one stream is left.
    await gateway.until((stats) => stats.activeSubscribers === 1);
  });

  it('vite.config.js passes GraphQL on, WebSockets too', async () => {
    await using gateway = await startTestGateway();
    await publish(gateway, 'a', '1');
    vi.stubEnv('SLUICE_URL', gateway.url);
    const server = await createServer({
      configFile: join(programs.folder, 'vite.config.js'),
      root: programs.folder,
      logLevel: 'error',
      server: { port: 0, host: '127.0.0.1' },
    });
    try {
      await server.listen();
      const [url = ''] = server.resolvedUrls?.local ?? [];
      for (const transport of ['ws', 'sse'] as const) {
        const client = createSluiceClient({ url, transport });
        const { value } = await client.deviceMessages({ deviceIds: ['a'], replay: 1 }).next();
        expect(value?.payload).toBe(1);
        await client.close();
      }
    } finally {
      vi.unstubAllEnvs();
      await server.close();
    }
  });

  it('are right to the compiler, with the published types and nothing of Node.js in a page', async () => {
    const config = (types: string[], lib: string[], files: string[]) => ({
      compilerOptions: {
        noEmit: true,
        strict: true,
        skipLibCheck: false,
        target: 'es2022',
        module: 'esnext',
        moduleResolution: 'bundler',
        types,
        lib,
        allowImportingTsExtensions: true,
      },
      files,
    });
    const page = config(
      [],
      ['es2022', 'dom', 'dom.iterable', 'dom.asynciterable', 'esnext.disposable'],
      ['page.ts', 'app.ts'],
    );
    const node = config(['node'], ['es2022', 'esnext.disposable'], ['gateway.ts']);
    const tsc = join(root, 'node_modules/.bin/tsc');
    for (const [name, content] of Object.entries({ page, node })) {
      const path = join(programs.folder, `tsconfig.${name}.json`);
      await writeFile(path, JSON.stringify(content));
      const compiled = promisify(execFile)(tsc, ['-p', path], { cwd: programs.folder });
      await compiled.catch(({ stdout }: { stdout: string }) => expect(stdout).toBe(''));
    }
  });
});
