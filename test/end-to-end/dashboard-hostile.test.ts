import { describe, expect, it } from 'vitest';
import {
  barriers,
  deviceRow,
  goToView,
  openDashboardBrowser,
  useDashboard,
} from '../support/dashboard.ts';
import { connectDevice } from '../support/device.ts';
import { startTestGateway } from '../support/gateway.ts';

const dashboard = useDashboard();

const markup = '<img src=x onerror=alert(1)><script>alert(2)</script>';
const deep = '['.repeat(130_000) + ']'.repeat(130_000);
const wide = `{${Array.from({ length: 15_000 }, (_, i) => `"n${i}":${i}`).join(',')}}`;
const longName = `{"${'n'.repeat(200_000)}":1,"ok":2}`;
const prototype = '{"__proto__":{"x":1},"constructor":{"y":2},"toString":3}';

describe('the dashboard, with what hostile devices send', () => {
  it('shows it as text, in every view, and goes on', async () => {
    await using gateway = await startTestGateway({ dashboardFolder: dashboard.folder });
    await using device = await connectDevice(gateway.mqttUrl);
    await using browser = await openDashboardBrowser();
    const { page, asked, problems } = browser;
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    const ids = [
      markup.replaceAll('/', '∕'),
      `turned \u202egnp.exe\u2066`,
      'x'.repeat(250),
      '__proto__',
      `quote'"\`$(id)&<b>`,
      'deep',
      'wide',
      'long-name',
    ];
    const payloads = [
      JSON.stringify({ [markup]: 1, html: markup }),
      JSON.stringify({ ['\u202ename']: 5, text: '\u202egnp.exe' }),
      '{"speed":1}',
      prototype,
      '"<b>bold</b>"',
      deep,
      wide,
      longName,
    ];
    const send = async (): Promise<void> => {
      for (const [i, id] of ids.entries())
        await device.publish(`devices/${id}/messages`, payloads[i]!);
    };
    await send();
    expect(gateway.stats().messagesRejected).toBe(0);
    await page.goto(`${gateway.url}/#watch=%25zz,,constructor`);
    for (const name of [/<img src=x/, /turned \\u202egnp\.exe\\u2066/, /x{250}/, /__proto__/]) {
      await deviceRow(page, name).click();
    }
    for (const name of [/quote'"/, /^deep/, /^wide/, /long-name/]) {
      await deviceRow(page, name).click();
    }
    await gateway.until(({ devicesBeingMonitored }) => devicesBeingMonitored === 9);
    await send();
    const messages = page.getByRole('region', { name: 'Messages' });
    await page.getByRole('button', { name: /^All \d+$/ }).click();
    const fields = page.getByRole('group', { name: 'Chart' });
    await fields.getByRole('checkbox', { name: 'ok' }).check();
    await page.getByRole('img', { name: /^ok: .*long-name 2/ }).waitFor();
    // A name of 200,000 characters is none, and of 15,000 names some are enough.
    expect(await fields.getByRole('checkbox').count()).toBeLessThan(50);
    for (const [i, shown] of [
      '<script>',
      '\\u202egnp',
      '"speed":1',
      '"__proto__"',
      '<b>',
    ].entries()) {
      await messages.getByRole('searchbox').fill(ids[i]!);
      await messages.getByRole('option').getByText(shown).first().waitFor();
      await messages.getByRole('option').first().click();
      await messages
        .getByRole('group', { name: 'Message' })
        .getByText(shown.replace(':', ': '))
        .first()
        .waitFor();
    }
    await messages.getByRole('searchbox').fill('deep');
    await messages.getByRole('option', { name: /deep/ }).first().click();
    await messages.getByRole('group', { name: 'Message' }).getByText('devices/deep/').waitFor();
    await messages.getByRole('searchbox').fill('');
    expect(await barriers(page)).toEqual([]);

    await goToView(page, 'Connection');
    const code = page.getByRole('region', { name: 'Code for graphql-ws' });
    await code.getByText('\\u202egnp.exe').waitFor();
    expect(await code.textContent()).not.toContain('\u202e');
    await goToView(page, 'Gateway');
    await goToView(page, 'Live');
    await page.getByRole('button', { name: 'Clear' }).first().click();
    await page.getByText('Pick devices to watch them live').waitFor();
    await device.publish('devices/good/messages', '{"speed":7}');
    await deviceRow(page, /^good/).click();
    await page.getByRole('img', { name: 'speed: good 7' }).waitFor();

    expect(await page.locator('main img[src], main script').count()).toBe(0);
    expect(dialogs).toEqual([]);
    expect(problems).toEqual([]);
    expect(asked.filter((url) => url.endsWith('/x'))).toEqual([]);
  });

  it('lists devices whose last messages are together more than one answer takes', async () => {
    await using gateway = await startTestGateway({ dashboardFolder: dashboard.folder });
    await using device = await connectDevice(gateway.mqttUrl);
    await using browser = await openDashboardBrowser();
    const { page, problems } = browser;
    const large = JSON.stringify({ filling: 'x'.repeat(200_000) });
    for (let i = 0; i < 200; i += 1) await device.publish(`devices/large-${i}/messages`, large);
    await page.goto(gateway.url);
    await page.getByRole('heading', { name: 'Devices 200' }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(problems).toEqual([]);
  });
});
