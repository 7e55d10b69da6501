import { expect, it } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { picture } from '../support/dashboard.ts';
import { connectDevice } from '../support/device.ts';
import { startTestGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';

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

it('runs a subscription that a person types in, and shows its messages', async () => {
  await using gateway = await startTestGateway();
  await using device = await connectDevice(gateway.mqttUrl);
  await using browser = await openBrowser();
  const { page } = browser;
  await page.goto(`${gateway.url}/graphql`);
  const editor = page
    .getByRole('region', { name: /operation editor/i })
    .getByRole('textbox')
    .first();
  await page.getByRole('button', { name: /execute query/i }).waitFor();
  await editor.focus();
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Delete');
  await page.keyboard.type(
    'subscription Typed{deviceMessages(deviceIds:["typed"]){deviceId payload',
  );
  // It reads what is typed a moment later, and shows the name then.
  await page.getByRole('tab', { name: 'Typed' }).waitFor();
  await page.keyboard.press('Control+Enter');
  await gateway.until(({ activeSubscribers }) => activeSubscribers === 1);
  const result = page.getByRole('region', { name: /result/i });
  for (const speed of [11.25, 12.5, 13.75]) {
    await device.publish('devices/typed/messages', `{"speed":${speed}}`);
    await result.getByText(String(speed)).waitFor();
  }
  await picture(page, 'graphiql');
});

it('needs nothing that its Content-Security-Policy forbids', async () => {
  await using gateway = await startTestGateway();
  await using device = await connectDevice(gateway.mqttUrl);
  await using browser = await openBrowser();
  const { page } = browser;
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (line) => line.type() === 'error' && problems.push(line.text().slice(0, 300)));
  const response = await page.goto(`${gateway.url}/graphql`);
  expect(await response!.headerValue('content-security-policy')).toContain("default-src 'none'");
  const result = page.getByRole('region', { name: /result/i });
  const run = async (operation: string): Promise<void> => {
    await page.getByRole('button', { name: /execute query/i }).click();
    await page.getByRole('menuitem', { name: operation }).click();
  };

  await run('Stats');
  await result.getByText('"totalMessagesProcessed"').waitFor();
  await run('Messages');
  await gateway.until(({ activeSubscribers }) => activeSubscribers === 1);
  await device.publish('devices/tracker-001/messages', '{"speed":42.5}');
  await result.getByText('42.5').waitFor();
  await page.getByRole('button', { name: /documentation explorer/i }).click();
  await page.getByText('Root Types').waitFor();
  // Its worker marks what the schema does not have.
  await page.locator('.graphiql-query-editor .view-lines').click();
  await page.keyboard.press('Control+A');
  await page.keyboard.type('{ nothing }');
  await page.locator('.squiggly-error').first().waitFor({ state: 'attached' });
  expect(problems).toEqual([]);
});
