import { expect } from 'vitest';
import type { RecipeGateway } from '../support/recipe-gateway.ts';
import type { RecipePage } from '../support/recipe-page.ts';
import type { TcpProxy } from '../support/tcp-proxy.ts';

/** So many come in one message of MQTT, and so in one turn. */
export const burst = Array.from({ length: 200 }, (_, index) => ({ n: index + 1 }));

/** What holds for every page of a recipe, which lists each message as `a 1` in a `span`, behind its gap. */
export async function showsAll(page: RecipePage, gateway: RecipeGateway): Promise<void> {
  await gateway.subscribers(1);
  await gateway.device.publish('devices/a/messages', JSON.stringify(burst));
  await page.says('li >> nth=-1', 'a {"n":200}');
  // Before them stands what was published earlier.
  expect((await page.texts('li span')).slice(-200)).toEqual(
    burst.map((payload) => `a ${JSON.stringify(payload)}`),
  );
  await gateway.kill();
  await page.says('[role=status]', /reconnecting\s*: \w/);
  await gateway.publish(3, 4);
  await gateway.start();
  await page.says('li >> nth=-1', 'a 4');
  expect((await page.texts('li')).slice(-2).map((text) => text.trim())).toEqual([
    expect.stringMatching(/^gap: missed unknown, STREAM_RESET\s*a 3$/),
    'a 4',
  ]);
  await gateway.publish(5);
  await page.says('li >> nth=-1', 'a 5');
  expect((await page.texts('[role=status]')).map((text) => text.trim())).toEqual(['']);
  expect(page.problems).toEqual([]);
}

/** What holds for every page that is open through this proxy, with a device that has never been heard. */
export async function showsFirstWords(
  page: RecipePage,
  { gateway, proxy, deviceId }: { gateway: RecipeGateway; proxy: TcpProxy; deviceId: string },
): Promise<void> {
  await gateway.subscribers(1);
  proxy.refuse(true);
  proxy.cut();
  await gateway.subscribers(0);
  for (const value of ['1', '2', '3']) {
    await gateway.device.publish(`devices/${deviceId}/messages`, value);
  }
  proxy.refuse(false);
  await page.says('li >> nth=-1', `${deviceId} 3`);
  const expected = ['1', '2', '3'].map((value) => `${deviceId} ${value}`);
  expect((await page.texts('li')).map((text) => text.trim())).toEqual(expected);
  expect(page.problems).toEqual([]);
}
