import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, type Browser } from '../support/browser.ts';
import { startRecipeGateway, type RecipeGateway } from '../support/recipe-gateway.ts';
import { openRecipePage } from '../support/recipe-page.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { writeRecipe, type Recipe } from '../support/typed-recipe.ts';
import { burst, showsAll, showsFirstWords } from './page-laws.ts';

let recipe: Recipe;
let gateway: RecipeGateway;
let browser: Browser;
const stack = new AsyncDisposableStack();

beforeAll(async () => {
  recipe = stack.use(await writeRecipe('apollo-client.md', 'urql.md', 'react.md', 'svelte.md'));
  gateway = stack.use(await startRecipeGateway());
  browser = stack.use(await openBrowser());
});

afterAll(() => stack.disposeAsync());

describe('docs/recipes/svelte.md', () => {
  it('compiles, and does not with a wrong variable', async () => {
    await recipe.write(
      'src/wrong.ts',
      `import { messagesOf } from './messages.ts';
import { createUrqlClient } from './urql.ts';

// @ts-expect-error: a list of ids
messagesOf(createUrqlClient('').client, { deviceIds: 7 });
`,
    );
    const compile = () => recipe.compileComponents('svelte-check/bin/svelte-check');
    expect(await compile()).toBe('');
    const app = recipe.files.get('src/App.svelte')!;
    await recipe.write('src/Wrong.svelte', app.replace('replay: 1', "replay: 'one'"));
    expect(await compile()).toMatch(/Wrong\.svelte/);
    await recipe.write('src/Wrong.svelte', app);
  });

  it.each(['App.svelte', 'BusyApp.svelte'])(
    'shows each of 200 messages of one turn, and goes on after the gateway was killed: %s',
    async (name) => {
      await recipe.write('src/App.svelte', recipe.files.get(`src/${name}`)!);
      await using page = await openRecipePage(recipe, browser, gateway.url, '?device=a');
      await showsAll(page, gateway);
    },
  );

  it('shows all of a device that speaks for the first time while the connection is cut', async () => {
    await using proxy = await startTcpProxy(gateway.url);
    await recipe.write('src/App.svelte', recipe.files.get('src/App.svelte')!);
    const url = proxy.url;
    await using page = await openRecipePage(recipe, browser, url, '?device=silent');
    await showsFirstWords(page, { gateway, proxy, deviceId: 'silent' });
  });

  it.each(['App.svelte', 'BusyApp.svelte'])('says why it was refused: %s', async (name) => {
    await recipe.write('src/App.svelte', recipe.files.get(`src/${name}`)!);
    await using page = await openRecipePage(recipe, browser, gateway.url);
    await page.says('[role=alert]', 'device');
    expect(page.problems).toEqual([]);
  });

  it('renders for each message of a burst, and with the store for each frame', async () => {
    async function rendersOf(name: string, list: string): Promise<number> {
      await recipe.write('src/App.svelte', counting(name, list));
      await using page = await openRecipePage(recipe, browser, gateway.url, '?device=a');
      await gateway.subscribers(1);
      await gateway.device.publish('devices/a/messages', JSON.stringify(burst));
      await page.says('li >> nth=-1', 'a {"n":200}');
      const [renders] = await page.texts('b');
      await page.close();
      await gateway.subscribers(0);
      return Number(renders);
    }
    expect(await rendersOf('App.svelte', 'result')).toBeGreaterThanOrEqual(200);
    expect(await rendersOf('BusyApp.svelte', 'list')).toBeLessThan(100);
  });
});

/** The component, which also says how often what it lists was another when it rendered. */
function counting(name: string, list: string): string {
  return recipe.files
    .get(`src/${name}`)!
    .replace('<script lang="ts">', '<script lang="ts">\n  import { untrack } from \'svelte\';')
    .replace(
      '</script>',
      `  let renders = $state(0);
  $effect(() => {
    if ($${list}) untrack(() => (renders += 1));
  });
</script>`,
    )
    .replace('</ol>', '</ol><b>{renders}</b>');
}
