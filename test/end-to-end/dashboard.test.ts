import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { connectDevice } from '../support/device.ts';
import { startGateway, startTestGateway } from '../support/gateway.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { startStallableProxy } from '../support/stallable-proxy.ts';

const root = join(import.meta.dirname, '../..');
const images = join(root, 'docs/images');
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

let dashboardFolder: string;

beforeAll(async () => {
  dashboardFolder = await mkdtemp(join(tmpdir(), 'sluice-dashboard-'));
  await build({
    root: join(root, 'client/web'),
    logLevel: 'error',
    build: { outDir: dashboardFolder },
  });
});

afterAll(() => rm(dashboardFolder, { recursive: true }));

/** For the documentation, where it is asked for. */
async function picture(page: Page, name: string): Promise<void> {
  if (process.env['SLUICE_SCREENSHOTS'] !== '1') return;
  await mkdir(images, { recursive: true });
  await page.screenshot({ path: join(images, `dashboard-${name}.png`) });
}

/** What axe finds that keeps somebody from using the page. */
async function barriers(page: Page): Promise<string[]> {
  // By the protocol: the page's own policy refuses a script that is put into it.
  await page.addInitScript({ path: axe });
  await page.reload();
  await page.getByRole('heading', { name: 'Sluice' }).waitFor();
  await page.getByRole('checkbox', { name: /tracker-001/ }).waitFor();
  return page.evaluate(async () => {
    const { violations } = await (
      globalThis as never as {
        axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: unknown[] }[] }> };
      }
    ).axe.run();
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${JSON.stringify(nodes)}`);
  });
}

const point = (n: number): string =>
  JSON.stringify({ lat: 52.5 + n / 1000, lon: 13.4, speed: n + 0.5, temperature: 20 });

describe('the dashboard', () => {
  it('shows devices, their messages, the loss of the MQTT broker and its return, over both transports', async () => {
    await using mosquitto = await startMosquitto();
    await using gateway = await startGateway({ mqttUrl: mosquitto.url, dashboardFolder });
    await using browser = await openBrowser();
    const { page, asked } = browser;
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (line) => line.type() === 'error' && problems.push(line.text()));
    await page.setViewportSize({ width: 1360, height: 900 });
    {
      await using device = await connectDevice(mosquitto.url);
      for (const id of ['tracker-001', 'tracker-002', 'tracker-003']) {
        await device.publish(`devices/${id}/messages`, point(1));
      }
      await page.goto(gateway.url);
      await page.getByRole('checkbox', { name: /tracker-001/ }).check();
      await page.getByRole('checkbox', { name: /tracker-002/ }).check();
      await gateway.until(({ devicesBeingMonitored }) => devicesBeingMonitored === 2);
      await device.publish('devices/tracker-001/messages', point(41));
      await device.publish('devices/tracker-003/messages', point(77));
      await device.publish('devices/tracker-002/messages', point(42));
      const messages = page.getByRole('region', { name: 'Messages' });
      await messages.getByText('"speed":41.5').waitFor();
      await messages.getByText('"speed":42.5').waitFor();
      expect(await messages.getByText('"speed":77.5').count()).toBe(0);
      await page.getByRole('img', { name: /^speed: .*tracker-002 42\.5/ }).waitFor();
      await page.getByRole('img', { name: /tracker-001.* went/ }).waitFor();

      await messages.getByRole('button', { name: 'Pause' }).click();
      await device.publish('devices/tracker-001/messages', point(43));
      await messages.getByRole('button', { name: 'Go on (1 new)' }).click();
      await messages.getByText('"speed":43.5').waitFor();
      await messages.getByRole('searchbox').fill('tracker-002');
      await messages.getByText('"speed":43.5').waitFor({ state: 'detached' });
      await messages.getByRole('searchbox').fill('');
    }

    await mosquitto.stop();
    await page.getByRole('alert').getByText('The MQTT broker is not connected').waitFor();
    await picture(page, 'broker-away');
    await mosquitto.restart();
    await page.getByRole('alert').waitFor({ state: 'detached' });

    await page.getByRole('button', { name: 'Connection' }).click();
    await page.getByRole('radio', { name: 'Server-Sent Events' }).check();
    await page.getByRole('status').getByText('Live over SSE').waitFor();
    await gateway.until(({ devicesBeingMonitored }) => devicesBeingMonitored === 2);
    await picture(page, 'connection');
    await page.getByRole('button', { name: 'Live', exact: true }).click();
    await using again = await connectDevice(mosquitto.url);
    await again.publish('devices/tracker-001/messages', point(50));
    await page.getByText('"speed":50.5').waitFor();

    const { host } = new URL(gateway.url);
    const remote = asked.filter((url) => /^(https?|wss?):/.test(url));
    expect(remote.filter((url) => new URL(url).host !== host)).toEqual([]);
    expect(remote.some((url) => url.startsWith('ws:'))).toBe(true);
    expect(problems).toEqual([]);
  });

  it('shows a gap where a stall has cost messages', async () => {
    await using gateway = await startTestGateway({ dashboardFolder });
    await using proxy = await startStallableProxy(gateway.url);
    await using device = await connectDevice(gateway.mqttUrl);
    await using browser = await openBrowser();
    const { page } = browser;
    const large = JSON.stringify({ filling: 'x'.repeat(100_000) });
    await device.publish('devices/slow/messages', large);
    await page.goto(proxy.url);
    await page.getByRole('checkbox', { name: /slow/ }).check();
    await gateway.until(({ messagesDelivered }) => messagesDelivered === 1);
    proxy.stall();
    for (let i = 0; gateway.stats().messagesDropped === 0; i += 1) {
      await device.publish('devices/slow/messages', large);
      if (i > 2_000) throw new Error('the queue has not filled');
    }
    proxy.resume();
    await gateway.until(({ messagesQueued }) => messagesQueued === 0);
    // A gap is told with the next message.
    await device.publish('devices/slow/messages', '{"last":1}');
    await page.getByText(/slow: \d+ missed \(queue overflow\)/).waitFor();
    await picture(page, 'gap');
  });

  it('can be used by everybody, in both colour schemes and on a phone', async () => {
    await using gateway = await startTestGateway({ dashboardFolder, simulatedDevices: 12 });
    await using browser = await openBrowser();
    const { page } = browser;
    await page.setViewportSize({ width: 1360, height: 900 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.goto(`${gateway.url}/#watch=tracker-001,tracker-002,tracker-003`);
      expect(await barriers(page)).toEqual([]);
      await page.getByRole('img', { name: / went$/ }).waitFor();
      await gateway.until(({ messagesDelivered }) => messagesDelivered > 60);
      await picture(page, colorScheme);
      await page.getByRole('button', { name: 'Gateway' }).click();
      await page.getByRole('img', { name: /^Messages a second: in [1-9]/ }).waitFor();
      await picture(page, `gateway-${colorScheme}`);
    }
    await page.setViewportSize({ width: 375, height: 760 });
    for (const view of ['Devices', 'Live', 'Gateway', 'Connection']) {
      await page.getByRole('button', { name: view, exact: true }).click();
      const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect(`${view}: ${String(overflow)}`).toBe(`${view}: 0`);
      await picture(page, `phone-${view.toLowerCase()}`);
    }
  });

  it('is served with its policy, compressed, cached by name, and nothing but its files', async () => {
    await using gateway = await startTestGateway({ dashboardFolder });
    const index = await fetch(gateway.url);
    expect(Object.fromEntries(index.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-encoding': 'gzip',
      'cache-control': 'no-cache',
      'content-security-policy': expect.stringContaining("default-src 'none'") as string,
    });
    const html = await index.text();
    const etag = index.headers.get('etag')!;
    expect((await fetch(gateway.url, { headers: { 'if-none-match': etag } })).status).toBe(304);
    let bytes = gzipSync(html).length;
    for (const [, name] of html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)) {
      const asset = await fetch(`${gateway.url}/${name}`);
      expect(asset.status).toBe(200);
      expect(asset.headers.get('cache-control')).toContain('immutable');
      bytes += Number(asset.headers.get('content-length'));
      await asset.arrayBuffer();
    }
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(200_000);
    for (const path of ['/assets/', '/assets/..%2f..%2fpackage.json', '/assets/nothing.js']) {
      expect((await fetch(`${gateway.url}${path}`)).status).toBe(404);
    }
    expect((await fetch(gateway.url, { method: 'POST' })).status).toBe(405);
  });
});
