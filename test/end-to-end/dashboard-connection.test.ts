import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import {
  barriers,
  goToView,
  openDashboardBrowser,
  picture,
  useDashboard,
} from '../support/dashboard.ts';
import { connectDevice } from '../support/device.ts';
import { startTestGateway } from '../support/gateway.ts';
import { startRecordingFront } from '../support/recording-front.ts';
import { runModule, runShell } from '../support/running-program.ts';
import { until } from '../support/until.ts';

const dashboard = useDashboard();

const token = `s3cret'"$HOME\`\\`;

const said = (page: Page) => page.getByRole('status');
const samples = ['graphql-ws', 'urql', 'curl'] as const;

/** What stands on the page, by the name of the client. */
async function codeOf(page: Page, name: string): Promise<string> {
  const code = page.getByRole('region', { name: `Code for ${name}` });
  if (!(await code.isVisible())) await page.getByText(new RegExp(`^${name}, over`)).click();
  return (await code.textContent())!;
}

describe('the connection view', () => {
  it('sends the token with every connection and every query, over both transports', async () => {
    await using gateway = await startTestGateway({ dashboardFolder: dashboard.folder });
    await using front = await startRecordingFront(gateway.url);
    await using browser = await openDashboardBrowser();
    const { page, problems } = browser;
    await page.goto(front.url);
    await said(page).getByText('Live over WebSocket').waitFor();
    await goToView(page, 'Connection');
    await until('something was asked', () => front.authorizations.length > 0);
    expect(JSON.stringify(front.connectionParams)).not.toContain('token');
    expect(front.authorizations.filter((value) => value !== undefined)).toEqual([]);

    await page.getByLabel('Token').fill('secret-1');
    await page.getByRole('button', { name: 'Reconnect with this token' }).click();
    await until('it came with the connection', () =>
      front.connectionParams.some((params) => JSON.stringify(params) === '{"token":"secret-1"}'),
    );
    await until('it came with a query', () => front.authorizations.at(-1) === 'Bearer secret-1');
    await page.getByRole('radio', { name: 'Server-Sent Events' }).check();
    await said(page).getByText('Live over SSE').waitFor();
    await page.getByLabel('Token').fill('secret-2');
    await page.keyboard.press('Enter');
    await until('the new one came', () => front.authorizations.at(-1) === 'Bearer secret-2');
    await said(page).getByText('Live over SSE').waitFor();
    // Kept for this tab, and nowhere in its address.
    await page.reload();
    await until('a reload keeps it', () =>
      front.connectionParams.some((params) => JSON.stringify(params) === '{"token":"secret-2"}'),
    );
    expect(page.url()).not.toContain('secret');
    expect(problems).toEqual([]);
  });

  it('tells the next attempt when it is cut off, counts it, and connects and disconnects when told to', async () => {
    await using gateway = await startTestGateway({ dashboardFolder: dashboard.folder });
    await using browser = await openDashboardBrowser();
    const { page } = browser;
    const front = await startRecordingFront(gateway.url);
    await page.goto(`${front.url}/#watch=anybody`);
    await gateway.until(({ devicesBeingMonitored }) => devicesBeingMonitored === 1);
    await goToView(page, 'Connection');
    await front[Symbol.asyncDispose]();
    await page
      .getByText(/^Reconnecting in \d+ s$/)
      .first()
      .waitFor();
    expect(await barriers(page)).toEqual([]);
    await picture(page, 'reconnecting');
    const fact = (name: string) =>
      page.locator('.facts > div').filter({ hasText: name }).locator('dd');
    await fact('Reconnects').getByText('1', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await said(page).getByText('Not connected').waitFor();
    await page.goto(`${gateway.url}/#watch=anybody`);
    await goToView(page, 'Connection');
    await gateway.until(({ devicesBeingMonitored }) => devicesBeingMonitored === 1);
    await fact('Keep-alives answered')
      .getByText(/^[1-9]/)
      .waitFor();
    await fact('Latency')
      .getByText(/^\d+\.\d ms$/)
      .waitFor();
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await gateway.until(({ connections }) => connections === 0);
    await page.getByRole('button', { name: 'Connect', exact: true }).click();
    await gateway.until(({ devicesBeingMonitored }) => devicesBeingMonitored === 1);
  });

  it.each(['WebSocket', 'Server-Sent Events'])(
    'has code that runs, for the devices, the token and the transport that are chosen: %s',
    async (transport) => {
      await using gateway = await startTestGateway({ dashboardFolder: dashboard.folder });
      await using front = await startRecordingFront(gateway.url);
      await using device = await connectDevice(gateway.mqttUrl);
      await using browser = await openDashboardBrowser();
      const { page } = browser;
      const ids = ['plain', `it's "$(exit 1)" \`b\` \\ \u202eevil`];
      for (const id of ids) await device.publish(`devices/${id}/messages`, '{"kept":1}');
      const watch = ids.map(encodeURIComponent).join(',');
      await page.goto(`${front.url}/#${new URLSearchParams({ watch }).toString()}`);
      await goToView(page, 'Connection');
      await page.getByRole('radio', { name: transport }).check();
      await page.getByLabel('Token').fill(token);
      await page.getByRole('button', { name: 'Reconnect with this token' }).click();
      await said(page).getByText('Live over').waitFor();
      await gateway.until(({ devicesBeingMonitored }) => devicesBeingMonitored === 2);
      const programs = [];
      for (const name of samples) programs.push([name, await codeOf(page, name)] as const);
      await page.goto('about:blank');
      await gateway.until(({ activeSubscribers }) => activeSubscribers === 0);

      for (const [name, code] of programs) {
        const seen = {
          params: front.connectionParams.length,
          authorizations: front.authorizations.length,
        };
        await using program = await (name === 'curl' ? runShell : runModule)(code);
        // What is kept comes first, then what is live.
        for (const id of ids) await program.prints(JSON.stringify(id));
        await program.prints('"kept":1');
        await gateway.until(({ devicesBeingMonitored }) => devicesBeingMonitored === 2);
        await device.publish(`devices/${ids[1]}/messages`, `{"live":"${name}"}`);
        await program.prints(`"live":"${name}"`);
        const isWebSocket = name === 'graphql-ws' || (name === 'urql' && transport === 'WebSocket');
        expect(front.connectionParams.slice(seen.params)).toEqual(isWebSocket ? [{ token }] : []);
        expect(front.authorizations.slice(seen.authorizations)).toEqual(
          isWebSocket ? [] : [`Bearer ${token}`],
        );
      }
    },
  );
});
