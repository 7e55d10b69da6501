import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { connectDevice } from '../support/device.ts';
import { startTestGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';

interface Browser extends AsyncDisposable {
  readonly page: Page;
  /** Every address that the page has asked for, WebSockets too. */
  readonly asked: readonly string[];
}

/** A Chromium of its own, with an empty profile. */
async function openBrowser(): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'sluice-chromium-'));
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium',
    headless: true,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const asked: string[] = [];
  context.on('request', (request) => asked.push(request.url()));
  const page = await context.newPage();
  page.on('websocket', (webSocket) => asked.push(webSocket.url()));
  return {
    page,
    asked,
    async [Symbol.asyncDispose]() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

it('shows the messages of a device in GraphiQL, which asks for nothing from elsewhere', async () => {
  await using gateway = await startTestGateway();
  await using device = await connectDevice(gateway.mqttUrl);
  await using browser = await openBrowser();
  const { page, asked } = browser;
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));

  await page.goto(`${gateway.url}/graphql`);
  // The default query has two operations: the button asks which.
  await page.getByRole('button', { name: /execute query/i }).click();
  await page.getByRole('menuitem', { name: 'Messages' }).click();
  await until('the subscription is open', () => gateway.stats().activeSubscribers === 1);

  const result = page.getByRole('region', { name: /result/i });
  await device.publish('devices/tracker-001/messages', '{"speed":42.5}');
  await result.getByText('"tracker-001"').waitFor();
  await result.getByText('42.5').waitFor();
  await device.publish('devices/tracker-002/messages', '{"speed":17.25}');
  await result.getByText('17.25').waitFor();

  await page.getByRole('button', { name: /stop query/i }).click();
  await until('the subscription is closed', () => gateway.stats().activeSubscribers === 0);

  const { host } = new URL(gateway.url);
  // What the page has in itself (blob:, data:) is not asked for.
  const remote = asked.filter((url) => /^(https?|wss?):/.test(url));
  expect(remote.length).toBeGreaterThan(1);
  expect(remote.filter((url) => new URL(url).host !== host)).toEqual([]);
  expect(remote.some((url) => url.startsWith('ws:'))).toBe(true);
  expect(problems).toEqual([]);
});
