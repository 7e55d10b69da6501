import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, type Browser } from '../support/browser.ts';
import { startRecipeGateway, type RecipeGateway } from '../support/recipe-gateway.ts';
import { openRecipePage } from '../support/recipe-page.ts';
import { writeRecipe, type Recipe } from '../support/typed-recipe.ts';
import { until } from '../support/until.ts';

let recipe: Recipe;
let gateway: RecipeGateway;
let browser: Browser;
const stack = new AsyncDisposableStack();
const ids = Array.from({ length: 70 }, (_, i) => `device-${String(i).padStart(2, '0')}`);

beforeAll(async () => {
  recipe = stack.use(
    await writeRecipe('apollo-client.md', 'urql.md', 'react.md', 'device-list.md'),
  );
  gateway = stack.use(await startRecipeGateway({ SLUICE_SILENCE_TIMEOUT_MS: '3600000' }));
  browser = stack.use(await openBrowser());
});

afterAll(() => stack.disposeAsync());

const publish = (id: string, payload: string) =>
  gateway.device.publish(`devices/${id}/messages`, payload);

async function watched(): Promise<number> {
  const response = await fetch(`${gateway.url}/api/v1/stream/stats`);
  const stats = (await response.json()) as Record<string, number>;
  return stats['devices_being_monitored']!;
}

describe('docs/recipes/device-list.md', () => {
  it('compiles', async () => {
    expect(await recipe.compile()).toBe('');
  });

  it('shows pages of devices, and the last value of those on the screen as it comes', async () => {
    await gateway.device.publishAll(
      ids.map((id) => ({ topic: `devices/${id}/messages`, payload: '"first"' })),
    );
    const index = recipe.files.get('index.html')!;
    await recipe.write('index.html', index.replace('src/main.tsx', 'src/device-list-main.tsx'));
    await using page = await openRecipePage(recipe, browser, gateway.url);
    await page.says('tr[data-id=device-00]', '"first"');
    await page.says('tr[data-id=device-00]', 'online');
    expect(await page.texts('tr th')).toEqual(ids.slice(0, 50));
    // One subscription, for the rows on the screen.
    await gateway.subscribers(1);
    const onScreen = await watched();
    expect(onScreen).toBeGreaterThan(5);
    expect(onScreen).toBeLessThan(50);

    await publish('device-00', '"second"');
    await page.says('tr[data-id=device-00]', '"second"');
    expect(await page.texts('tr[data-id=device-01] td >> nth=1')).toEqual(['"first"']);

    // A page more: it stands below those before.
    await browser.page.locator('button').click();
    await page.says('tr[data-id=device-69]', '"first"');
    expect(await page.texts('tr th')).toEqual(ids);
    await publish('device-69', '"while nobody looked"');
    await browser.page.locator('tr[data-id=device-69]').scrollIntoViewIfNeeded();
    await page.says('tr[data-id=device-69]', '"while nobody looked"');
    await publish('device-69', '"seen"');
    await page.says('tr[data-id=device-69]', '"seen"');
    expect(await watched()).toBeLessThan(50);

    await gateway.kill();
    await page.says('[role=status]', 'reconnecting');
    await gateway.start();
    await gateway.subscribers(1);
    await publish('device-69', '"after"');
    await page.says('tr[data-id=device-69]', '"after"');
    await until('the state is empty', async () => {
      const [text] = await page.texts('[role=status]');
      return text === '';
    });
    expect(page.problems).toEqual([]);
  });
});
