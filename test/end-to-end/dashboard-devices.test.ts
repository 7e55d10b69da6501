import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { deviceRow, openDashboardBrowser, useDashboard } from '../support/dashboard.ts';
import { connectDevice, type Device } from '../support/device.ts';
import { startTestGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';

const dashboard = useDashboard();

const list = (page: Page) => page.getByRole('listbox', { name: 'List of devices' });

async function namesOf(page: Page): Promise<string[]> {
  return list(page).locator('.name b').allTextContents();
}

async function publishEach(device: Device, ids: readonly string[]): Promise<void> {
  await device.publishAll(
    ids.map((id, i) => ({ topic: `devices/${id}/messages`, payload: `{"reading":${i}}` })),
  );
}

describe('the list of devices', () => {
  it('finds devices by id and by value, and sorts them by name, by time and by rate', async () => {
    await using gateway = await startTestGateway({ dashboardFolder: dashboard.folder });
    await using device = await connectDevice(gateway.mqttUrl);
    await using browser = await openDashboardBrowser();
    const { page } = browser;
    await publishEach(device, ['pump-10', 'pump-9', 'valve-1']);
    await device.publish('devices/valve-1/messages', '{"state":"open"}');
    await page.goto(gateway.url);
    await deviceRow(page, /valve-1/).waitFor();
    // As a person counts, and not as characters do.
    expect(await namesOf(page)).toEqual(['pump-9', 'pump-10', 'valve-1']);

    const search = page.getByRole('searchbox', { name: 'Search devices' });
    await search.fill('PUMP 10');
    await deviceRow(page, /pump-9/).waitFor({ state: 'detached' });
    expect(await namesOf(page)).toEqual(['pump-10']);
    await search.fill('"open"');
    await deviceRow(page, /valve-1/).waitFor();
    expect(await namesOf(page)).toEqual(['valve-1']);
    await search.fill('nothing like it');
    await page.getByText('No device matches “nothing like it”.').waitFor();
    await search.fill('');

    await device.publish('devices/pump-10/messages', '{"reading":5}');
    const sort = page.getByRole('combobox', { name: 'Sort by' });
    await sort.selectOption('Last seen');
    await list(page).locator('[aria-posinset="1"]').getByText('pump-10').waitFor();
    expect((await namesOf(page))[0]).toBe('pump-10');
    await sort.selectOption('Rate');
    // A rate is of now: the device goes on for as long as one looks.
    const busy = list(page)
      .locator('[aria-posinset="1"]')
      .filter({ hasText: /valve-1.*[1-9]\.\d\/s/ });
    await until('the device that sends is the first', async () => {
      await device.publish('devices/valve-1/messages', '{"state":"open"}');
      return (await busy.count()) === 1;
    });
    await sort.selectOption('Name');
    expect(await namesOf(page)).toEqual(['pump-9', 'pump-10', 'valve-1']);
  });

  it('is used with the keyboard alone: by tab to the list, by arrows through it, by space to pick', async () => {
    await using gateway = await startTestGateway({ dashboardFolder: dashboard.folder });
    await using device = await connectDevice(gateway.mqttUrl);
    await using browser = await openDashboardBrowser();
    const { page } = browser;
    const ids = Array.from({ length: 100 }, (_, i) => `device-${i}`);
    await publishEach(device, ids);
    await page.goto(gateway.url);
    await deviceRow(page, /device-5\b/).waitFor();

    const reached: string[] = [];
    for (let i = 0; i < 7; i += 1) {
      await page.keyboard.press('Tab');
      reached.push(
        await page.evaluate(() => {
          const at = document.activeElement!;
          const { outlineStyle, outlineWidth } = getComputedStyle(at);
          if (outlineStyle === 'none' || outlineWidth === '0px') return 'no visible focus';
          return at.getAttribute('aria-label') ?? at.textContent;
        }),
      );
    }
    expect(reached).toEqual([
      'Live',
      'Gateway',
      'Connection',
      'GraphiQL',
      'Search devices',
      'Sort by',
      'List of devices',
    ]);
    const active = (): Promise<string | null> =>
      page.evaluate(() => {
        const id = document.activeElement!.getAttribute('aria-activedescendant');
        return id === null ? null : document.getElementById(id)!.querySelector('b')!.textContent;
      });
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await active()).toBe('device-1');
    await page.keyboard.press('Space');
    await gateway.until(({ devicesBeingMonitored }) => devicesBeingMonitored === 1);
    await page.keyboard.press('End');
    await deviceRow(page, /device-99/).waitFor();
    expect(await active()).toBe('device-99');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await gateway.until(({ devicesBeingMonitored }) => devicesBeingMonitored === 2);
    expect(new URL(page.url()).hash).toBe('#watch=device-1%2Cdevice-98');
    await page.keyboard.press('Home');
    await deviceRow(page, /device-0/).waitFor();
    expect(await active()).toBe('device-0');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await gateway.until(({ devicesBeingMonitored }) => devicesBeingMonitored === 1);
  });

  it('has elements for the rows in sight alone, of 10,000 devices', async () => {
    await using gateway = await startTestGateway({ dashboardFolder: dashboard.folder });
    await using device = await connectDevice(gateway.mqttUrl);
    await using browser = await openDashboardBrowser();
    const { page } = browser;
    const ids = Array.from({ length: 10_000 }, (_, i) => `device-${i}`);
    await publishEach(device, ids);
    await page.goto(gateway.url);
    await page.getByRole('heading', { name: 'Devices 10,000' }).waitFor();
    const box = await list(page).boundingBox();
    await page.mouse.move(box!.x + 50, box!.y + 50);
    await page.mouse.wheel(0, 56 * 5_000);
    await deviceRow(page, /device-5003\b/).waitFor();
    expect(await list(page).getByRole('option').count()).toBeLessThan(40);
    await deviceRow(page, /device-5003\b/).click();
    await gateway.until(({ devicesBeingMonitored }) => devicesBeingMonitored === 1);
    await page.getByRole('button', { name: 'Stop watching device-5003' }).waitFor();
  });
});
