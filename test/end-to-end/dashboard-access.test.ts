import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import {
  barriers,
  deviceRow,
  goToView,
  openDashboardBrowser,
  picture,
  useDashboard,
} from '../support/dashboard.ts';
import { startTestGateway } from '../support/gateway.ts';

const dashboard = useDashboard();

const background = (page: Page): Promise<string> =>
  page.evaluate(() => getComputedStyle(document.body).backgroundColor);

async function openAllSamples(page: Page): Promise<void> {
  for (const name of ['urql', 'curl']) await page.getByText(new RegExp(`^${name}, over`)).click();
}

describe.each(['light', 'dark'] as const)('the dashboard, %s', (colorScheme) => {
  it('has nothing that keeps somebody from using it, in any view or state', async () => {
    await using gateway = await startTestGateway({
      dashboardFolder: dashboard.folder,
      simulatedDevices: 12,
    });
    await using browser = await openDashboardBrowser();
    const { page, problems } = browser;
    const found: Record<string, string[]> = {};
    const look = async (state: string): Promise<void> => {
      found[state] = await barriers(page);
    };
    await page.emulateMedia({ colorScheme });
    await page.goto(gateway.url);
    await deviceRow(page, /tracker-001/).waitFor();
    expect(await background(page)).toBe(
      { light: 'rgb(245, 246, 248)', dark: 'rgb(11, 15, 22)' }[colorScheme],
    );
    await look('nothing picked');
    await page.getByRole('button', { name: 'Watch the first three' }).click();
    await page.getByRole('img', { name: /^Track: tracker-001/ }).waitFor();
    await gateway.until(({ messagesDelivered }) => messagesDelivered > 30);
    await picture(page, colorScheme);
    await look('live');
    await page.getByRole('button', { name: 'Pause' }).click();
    await look('paused');
    await page
      .getByRole('listbox', { name: 'Stream of messages' })
      .getByRole('option')
      .first()
      .click();
    await look('message opened');
    await page.getByRole('searchbox', { name: 'Search devices' }).fill('nobody');
    await page.getByText('No device matches').waitFor();
    await look('nothing found');
    await page.getByRole('searchbox', { name: 'Search devices' }).fill('');

    await goToView(page, 'Gateway');
    await page.getByRole('img', { name: /^Messages a second: in [1-9]/ }).waitFor();
    await look('gateway');
    await picture(page, `gateway-${colorScheme}`);
    await goToView(page, 'Connection');
    await openAllSamples(page);
    await look('connection');
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await page.getByRole('status').getByText('Not connected').waitFor();
    await look('disconnected');
    expect(Object.entries(found).filter(([, barrier]) => barrier.length > 0)).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('fits on a phone, in every view, without barriers', async () => {
    await using gateway = await startTestGateway({
      dashboardFolder: dashboard.folder,
      simulatedDevices: 12,
    });
    await using browser = await openDashboardBrowser({ width: 390, height: 760 });
    const { page } = browser;
    await page.emulateMedia({ colorScheme });
    await page.goto(`${gateway.url}/#watch=tracker-001,tracker-002`);
    await deviceRow(page, /tracker-001/).waitFor();
    const header = await page.getByRole('banner').boundingBox();
    // Two lines: the name with the state, and the views.
    expect(header!.height).toBeLessThan(100);
    for (const view of ['Devices', 'Live', 'Gateway', 'Connection']) {
      await goToView(page, view);
      if (view === 'Live') await page.getByRole('img', { name: /^Track: tracker-001/ }).waitFor();
      if (view === 'Gateway') await page.getByText('MQTT broker').first().waitFor();
      if (view === 'Connection') await openAllSamples(page);
      const tooWide = await page.evaluate(() =>
        [document.documentElement, ...document.querySelectorAll('main > section')]
          .map((element) => element.scrollWidth - element.clientWidth)
          .filter((pixels) => pixels > 0),
      );
      expect({ view, tooWide, barriers: await barriers(page) }).toEqual({
        view,
        tooWide: [],
        barriers: [],
      });
      if (colorScheme === 'light') await picture(page, `phone-${view.toLowerCase()}`);
    }
    // The narrowest there are.
    await page.setViewportSize({ width: 320, height: 568 });
    for (const view of ['Devices', 'Live', 'Gateway', 'Connection']) {
      await goToView(page, view);
      const tooWide = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect({ view, tooWide }).toEqual({ view, tooWide: 0 });
    }
  });
});
