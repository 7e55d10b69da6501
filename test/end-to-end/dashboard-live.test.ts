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
import { connectDevice } from '../support/device.ts';
import { startTestGateway } from '../support/gateway.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const dashboard = useDashboard();

const messages = (page: Page) => page.getByRole('region', { name: 'Messages' });

async function clipboardOf(page: Page): Promise<string> {
  return page.evaluate(() => navigator.clipboard.readText());
}

describe('the live view', () => {
  it('is paused without losing count, filtered, opened and copied', async () => {
    await using gateway = await startTestGateway({ dashboardFolder: dashboard.folder });
    await using device = await connectDevice(gateway.mqttUrl);
    await using browser = await openDashboardBrowser();
    const { page } = browser;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await device.publish('devices/a/messages', '{"n":1}');
    await device.publish('devices/b/messages', '{"n":2}');
    await page.goto(`${gateway.url}/#watch=a,b`);
    await messages(page).getByText('"n":2').waitFor();
    await gateway.until(({ devicesBeingMonitored }) => devicesBeingMonitored === 2);

    await messages(page).getByRole('button', { name: 'Pause' }).click();
    for (let n = 3; n <= 12; n += 1) await device.publish('devices/a/messages', `{"n":${n}}`);
    const goOn = messages(page).getByRole('button', { name: 'Go on (10 new)' });
    await goOn.waitFor();
    expect(await messages(page).getByRole('option').count()).toBe(2);
    expect(await barriers(page)).toEqual([]);
    await goOn.click();
    await messages(page).getByText('"n":12').waitFor();
    await messages(page).getByRole('listbox').locator('[aria-setsize="12"]').first().waitFor();

    await messages(page).getByRole('searchbox', { name: 'Filter messages' }).fill('"n":2');
    await messages(page).getByText('"n":12').waitFor({ state: 'detached' });
    expect(await messages(page).getByRole('option').count()).toBe(1);
    await messages(page).getByRole('button', { name: 'Copy all' }).click();
    await messages(page).getByRole('button', { name: 'Copied' }).waitFor();
    expect(JSON.parse(await clipboardOf(page))).toMatchObject({
      deviceId: 'b',
      topic: 'devices/b/messages',
      payload: { n: 2 },
    });
    await messages(page).getByRole('option').click();
    const detail = messages(page).getByRole('group', { name: 'Message' });
    await detail.getByText('devices/b/messages').waitFor();
    await detail.getByRole('button', { name: 'Copy this message' }).click();
    await detail.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await clipboardOf(page)).toBe('{\n  "n": 2\n}');
    expect(await barriers(page)).toEqual([]);
    await detail.getByRole('button', { name: 'Close' }).click();
    await detail.waitFor({ state: 'detached' });
  });

  it('marks what the MQTT broker had kept, in the stream, opened, and in the list of devices', async () => {
    await using mosquitto = await startMosquitto();
    await using device = await connectDevice(mosquitto.url);
    await device.publish('devices/a/messages', '{"n":1}', { retain: true });
    await using gateway = await startTestGateway({
      mqttUrl: mosquitto.url,
      dashboardFolder: dashboard.folder,
    });
    await gateway.until(({ totalMessagesProcessed }) => totalMessagesProcessed === 1);
    await using browser = await openDashboardBrowser();
    const { page } = browser;
    await page.goto(`${gateway.url}/#watch=a`);
    await deviceRow(page, /a retained/).waitFor();
    const kept = messages(page).getByRole('option', { name: '"n":1' });
    await kept.getByText('retained').waitFor();
    await kept.click();
    const detail = messages(page).getByRole('group', { name: 'Message' });
    await detail.getByText('retained').waitFor();
    expect(await barriers(page)).toEqual([]);

    await device.publish('devices/a/messages', '{"n":2}');
    const live = messages(page).getByRole('option', { name: '"n":2' });
    await live.waitFor();
    expect(await live.getByText('retained').count()).toBe(0);
    await deviceRow(page, /a retained/).waitFor({ state: 'detached' });
    await live.click();
    await detail.getByText('"n": 2').waitFor();
    expect(await detail.getByText('retained').count()).toBe(0);
  });

  it('keeps what is read in its place while messages come', async () => {
    await using gateway = await startTestGateway({ dashboardFolder: dashboard.folder });
    await using device = await connectDevice(gateway.mqttUrl);
    await using browser = await openDashboardBrowser();
    const { page } = browser;
    for (let n = 0; n < 60; n += 1) await device.publish('devices/a/messages', `"message ${n}"`);
    await page.goto(`${gateway.url}/#watch=a`);
    await messages(page).getByText('"message 59"').waitFor();
    const stream = page.getByRole('listbox', { name: 'Stream of messages' });
    await stream.evaluate((element) => {
      element.scrollTop = 30 * 30;
    });
    const read = stream.getByRole('option', { name: /"message 27"/ });
    await read.waitFor();
    await gateway.until(({ devicesBeingMonitored }) => devicesBeingMonitored === 1);
    const before = await read.boundingBox();
    for (let n = 60; n < 70; n += 1) await device.publish('devices/a/messages', `"message ${n}"`);
    await stream.locator('[aria-setsize="70"]').first().waitFor();
    expect(await read.boundingBox()).toEqual(before);
  });

  it('draws the fields that are chosen, and forgets those of a device that is let go', async () => {
    await using gateway = await startTestGateway({ dashboardFolder: dashboard.folder });
    await using device = await connectDevice(gateway.mqttUrl);
    await using browser = await openDashboardBrowser();
    const { page, problems } = browser;
    await device.publish('devices/car/messages', '{"engine":{"rpm":900},"speed":12,"oil":3}');
    await device.publish('devices/house/messages', '{"humidity":44.5}');
    await page.goto(`${gateway.url}/#watch=car`);
    const chart = (name: RegExp) => page.getByRole('img', { name });
    await chart(/^engine\.rpm: car 900$/).waitFor();
    await chart(/^speed: car 12$/).waitFor();
    expect(await chart(/^oil/).count()).toBe(0);
    await page.getByRole('checkbox', { name: 'oil' }).check();
    await page.getByRole('checkbox', { name: 'speed' }).uncheck();
    await chart(/^oil: car 3$/).waitFor();
    expect(await chart(/^speed/).count()).toBe(0);
    await device.publish('devices/car/messages', '{"engine":{"rpm":950},"speed":13,"oil":4}');
    await chart(/^oil: car 4$/).waitFor();

    await deviceRow(page, /house/).click();
    await page.getByRole('checkbox', { name: 'humidity' }).check();
    await chart(/^humidity: car nothing, house 44\.5$/).waitFor();
    await page.getByRole('button', { name: 'Stop watching car' }).click();
    await page.getByRole('checkbox', { name: 'oil' }).waitFor({ state: 'detached' });
    expect(await page.getByRole('group', { name: 'Chart' }).getByRole('checkbox').count()).toBe(1);
    await chart(/^humidity: house 44\.5$/).waitFor();
    expect(problems).toEqual([]);
  });

  it('draws where devices went, true to a scale that it tells', async () => {
    await using gateway = await startTestGateway({ dashboardFolder: dashboard.folder });
    await using device = await connectDevice(gateway.mqttUrl);
    await using browser = await openDashboardBrowser();
    const { page } = browser;
    const places = [
      '{"lat":52.5,"lon":13.4}',
      '{"position":{"latitude":52.51,"longitude":13.4}}',
      '{"geometry":{"type":"Point","coordinates":[13.4,52.52]}}',
    ];
    for (const place of places) await device.publish('devices/bus/messages', place);
    await page.goto(`${gateway.url}/#watch=bus`);
    // 2.2 km from south to north in 220 pixels: a bar of a hundred is one kilometre, or half of one.
    await page
      .getByRole('img', { name: /^Track: bus at 52\.5200, 13\.4000; the bar is/ })
      .waitFor();
    const track = page.getByRole('img', { name: /^Track: bus/ });
    expect(await track.getAttribute('aria-label')).toMatch(/(500 m|1 km)$/);
    // The line stands where the device went: north, in the middle, in its colour.
    const coloured = (): Promise<{ columns: number; rows: number }> =>
      track.evaluate((element) => {
        const canvas = element as HTMLCanvasElement;
        const { data, width } = canvas
          .getContext('2d')!
          .getImageData(0, 0, canvas.width, canvas.height);
        const columns = new Set<number>();
        const rows = new Set<number>();
        for (let i = 0; i < data.length; i += 4) {
          const isBlue = data[i] === 0x0e && data[i + 1] === 0xa5 && data[i + 2] === 0xe9;
          if (!isBlue) continue;
          columns.add((i / 4) % width);
          rows.add(Math.floor(i / 4 / width));
        }
        return { columns: columns.size, rows: rows.size };
      });
    const before = await coloured();
    expect(before.rows).toBeGreaterThan(150);
    expect(before.columns).toBeLessThan(20);
    // As far to the east as it went to the north: as wide as it is high.
    await device.publish('devices/bus/messages', '{"lat":52.52,"lng":13.4328}');
    await page.getByRole('img', { name: /^Track: bus at 52\.5200, 13\.4328/ }).waitFor();
    const after = await coloured();
    expect(Math.abs(after.columns - after.rows)).toBeLessThan(20);
  });

  it('shows a gap where a stall has cost messages: in the stream, in charts and in the track', async () => {
    await using gateway = await startTestGateway({ dashboardFolder: dashboard.folder });
    await using proxy = await startTcpProxy(gateway.url);
    await using device = await connectDevice(gateway.mqttUrl);
    await using browser = await openDashboardBrowser();
    const { page } = browser;
    const large = (n: number): string =>
      JSON.stringify({ speed: n, lat: 52 + n / 1e4, lon: 13, filling: 'x'.repeat(100_000) });
    await device.publish('devices/slow/messages', large(0));
    await page.goto(`${proxy.url}/#watch=slow`);
    await gateway.until(({ messagesDelivered }) => messagesDelivered === 1);
    await device.publish('devices/slow/messages', large(1));
    await page.getByRole('img', { name: 'speed: slow 1' }).waitFor();
    proxy.stall();
    for (let i = 2; gateway.stats().messagesDropped === 0; i += 1) {
      await device.publish('devices/slow/messages', large(i));
      if (i > 2_000) throw new Error('the queue has not filled');
    }
    proxy.resume();
    await gateway.until(({ messagesQueued }) => messagesQueued === 0);
    // A gap is told with the next message.
    await device.publish('devices/slow/messages', '{"speed":-5,"lat":52.5,"lon":13.1}');
    await page.getByText(/slow: \d+ missed \(queue overflow\)/).waitFor();
    await page.getByRole('img', { name: 'speed: slow -5, 1 gap' }).waitFor();
    await page.getByRole('img', { name: /^Track: slow at .*, gaps 1;/ }).waitFor();
    expect(await barriers(page)).toEqual([]);
    await picture(page, 'gap');
  });

  it.each(['WebSocket', 'Server-Sent Events'])(
    'says why the gateway refuses, and goes on with what it takes: %s',
    async (transport) => {
      await using gateway = await startTestGateway({
        dashboardFolder: dashboard.folder,
        maxDeviceIds: 2,
      });
      await using device = await connectDevice(gateway.mqttUrl);
      await using browser = await openDashboardBrowser();
      const { page } = browser;
      await page.goto(gateway.url);
      await goToView(page, 'Connection');
      await page.getByRole('radio', { name: transport }).check();
      await goToView(page, 'Live');
      for (const id of ['a', 'b', 'c']) {
        await device.publish(`devices/${id}/messages`, `"from ${id}"`);
        await deviceRow(page, new RegExp(`^${id} `)).click();
      }
      await messages(page).getByRole('alert').waitFor();
      expect(await messages(page).getByRole('alert').textContent()).toMatch(/2/);
      expect(await barriers(page)).toEqual([]);
      await page.getByRole('button', { name: 'Stop watching a' }).click();
      await messages(page).getByRole('alert').waitFor({ state: 'detached' });
      await messages(page).getByText('"from c"').waitFor();
      await gateway.until(({ devicesBeingMonitored }) => devicesBeingMonitored === 2);
    },
  );
});
