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

const dashboard = useDashboard();

const point = (n: number): string =>
  JSON.stringify({ lat: 52.5 + n / 1000, lon: 13.4, speed: n + 0.5, temperature: 20 });

describe('the dashboard', () => {
  it('shows devices, their messages, the loss of the MQTT broker and its return, over both transports', async () => {
    await using mosquitto = await startMosquitto();
    await using gateway = await startTestGateway({
      mqttUrl: mosquitto.url,
      dashboardFolder: dashboard.folder,
    });
    await using browser = await openDashboardBrowser();
    const { page, asked, problems } = browser;
    const messages = page.getByRole('region', { name: 'Messages' });
    {
      await using device = await connectDevice(mosquitto.url);
      for (const id of ['tracker-001', 'tracker-002', 'tracker-003']) {
        await device.publish(`devices/${id}/messages`, point(1));
      }
      await page.goto(gateway.url);
      await deviceRow(page, /tracker-001/).click();
      await deviceRow(page, /tracker-002/).click();
      await gateway.until(({ devicesBeingMonitored }) => devicesBeingMonitored === 2);
      await device.publish('devices/tracker-001/messages', point(41));
      await device.publish('devices/tracker-003/messages', point(77));
      await device.publish('devices/tracker-002/messages', point(42));
      await messages.getByText('"speed":41.5').waitFor();
      await messages.getByText('"speed":42.5').waitFor();
      expect(await messages.getByText('"speed":77.5').count()).toBe(0);
    }

    await mosquitto.stop();
    const alert = page.getByRole('alert').getByText('The MQTT broker is not connected');
    await alert.waitFor();
    expect(await barriers(page)).toEqual([]);
    await picture(page, 'broker-away');
    await goToView(page, 'Gateway');
    await page.getByRole('img', { name: /^MQTT broker: connected: 1, away: 0 0/ }).waitFor();
    await mosquitto.restart();
    await alert.waitFor({ state: 'detached' });
    await page.getByRole('img', { name: /^MQTT broker: connected: 1, away: 0 1/ }).waitFor();

    await goToView(page, 'Connection');
    await page.getByRole('radio', { name: 'Server-Sent Events' }).check();
    await page.getByRole('status').getByText('Live over SSE').waitFor();
    await gateway.until(({ devicesBeingMonitored }) => devicesBeingMonitored === 2);
    await page.getByText('not countable over SSE').waitFor();
    await page.getByText(/^\d+\.\d ms$/).waitFor();
    await picture(page, 'connection');
    await goToView(page, 'Live');
    await using again = await connectDevice(mosquitto.url);
    await again.publish('devices/tracker-001/messages', point(50));
    await messages.getByText('"speed":50.5').waitFor();

    const { host } = new URL(gateway.url);
    const remote = asked.filter((url) => /^(https?|wss?):/.test(url));
    expect(remote.filter((url) => new URL(url).host !== host)).toEqual([]);
    expect(remote.some((url) => url.startsWith('ws:'))).toBe(true);
    expect(problems).toEqual([]);
  });

  it('is served with its policy, compressed, cached by name, and nothing but its files', async () => {
    await using gateway = await startTestGateway({ dashboardFolder: dashboard.folder });
    // Over HTTP, fetch asks for gzip alone; a browser asks for Brotli on this machine.
    const headers = { 'accept-encoding': 'gzip, deflate, br' };
    const index = await fetch(gateway.url, { headers });
    expect(Object.fromEntries(index.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-encoding': 'br',
      'cache-control': 'no-cache',
      'content-security-policy': expect.stringContaining("default-src 'none'") as string,
    });
    const html = await index.text();
    const etag = index.headers.get('etag')!;
    const known = { ...headers, 'if-none-match': etag };
    expect((await fetch(gateway.url, { headers: known })).status).toBe(304);
    let bytes = Number(index.headers.get('content-length'));
    for (const [, name] of html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)) {
      const asset = await fetch(`${gateway.url}/${name}`, { headers });
      expect(asset.status).toBe(200);
      expect(asset.headers.get('cache-control')).toContain('immutable');
      expect(asset.headers.get('content-encoding')).toBe('br');
      bytes += Number(asset.headers.get('content-length'));
      const zipped = await fetch(`${gateway.url}/${name}`, {
        headers: { 'accept-encoding': 'gzip' },
      });
      expect(zipped.headers.get('content-encoding')).toBe('gzip');
      expect(zipped.headers.get('etag')).not.toBe(asset.headers.get('etag'));
      expect(await zipped.text()).toBe(await asset.text());
      expect((await fetch(`${gateway.url}/${name}.br`)).status).toBe(404);
    }
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(200_000);
    for (const path of ['/assets/', '/assets/..%2f..%2fpackage.json', '/assets/nothing.js']) {
      expect((await fetch(`${gateway.url}${path}`)).status).toBe(404);
    }
    expect((await fetch(gateway.url, { method: 'POST' })).status).toBe(405);
  });
});
