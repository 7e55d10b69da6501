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
  recipe = stack.use(await writeRecipe('apollo-client.md', 'urql.md', 'react.md', 'vue.md'));
  gateway = stack.use(await startRecipeGateway());
  browser = stack.use(await openBrowser());
});

afterAll(() => stack.disposeAsync());

describe('docs/recipes/vue.md', () => {
  it('compiles, and does not with a wrong variable', async () => {
    await recipe.write(
      'src/wrong.ts',
      `import { useSubscription } from '@urql/vue';
import { MessagesDocument } from './generated/graphql.ts';

// @ts-expect-error: a list of ids
useSubscription({ query: MessagesDocument, variables: { deviceIds: 7 } });
`,
    );
    const compile = () => recipe.compileComponents('vue-tsc/bin/vue-tsc.js');
    expect(await compile()).toBe('');
    const app = recipe.files.get('src/App.vue')!;
    await recipe.write('src/Wrong.vue', app.replace('replay: 1', "replay: 'one'"));
    expect(await compile()).toMatch(/^src\/Wrong\.vue\(/);
    await recipe.write('src/Wrong.vue', app);
  });

  it.each(['App.vue', 'BusyApp.vue'])(
    'shows each of 200 messages of one turn, and goes on after the gateway was killed: %s',
    async (name) => {
      await recipe.write('src/App.vue', recipe.files.get(`src/${name}`)!);
      await using page = await openRecipePage(recipe, browser, gateway.url, '?device=a');
      await showsAll(page, gateway);
    },
  );

  it('shows all of a device that speaks for the first time while the connection is cut', async () => {
    await using proxy = await startTcpProxy(gateway.url);
    await recipe.write('src/App.vue', recipe.files.get('src/App.vue')!);
    const url = proxy.url;
    await using page = await openRecipePage(recipe, browser, url, '?device=silent');
    await showsFirstWords(page, { gateway, proxy, deviceId: 'silent' });
  });

  it.each(['App.vue', 'BusyApp.vue'])('says why it was refused: %s', async (name) => {
    await recipe.write('src/App.vue', recipe.files.get(`src/${name}`)!);
    await using page = await openRecipePage(recipe, browser, gateway.url);
    await page.says('[role=alert]', 'device');
    expect(page.problems).toEqual([]);
  });

  it('renders for each message of a burst, and with the store for each frame', async () => {
    async function rendersOf(name: string, list: string): Promise<number> {
      await recipe.write('src/App.vue', counting(name, list));
      await using page = await openRecipePage(recipe, browser, gateway.url, '?device=a');
      await gateway.subscribers(1);
      await gateway.device.publish('devices/a/messages', JSON.stringify(burst));
      await page.says('li >> nth=-1', 'a {"n":200}');
      const [renders] = await page.texts('b');
      await page.close();
      await gateway.subscribers(0);
      return Number(renders);
    }
    expect(await rendersOf('App.vue', 'messages')).toBeGreaterThanOrEqual(200);
    expect(await rendersOf('BusyApp.vue', 'list')).toBeLessThan(100);
  });
});

/** The component, which also says how often what it lists was another when it rendered. */
function counting(name: string, list: string): string {
  return recipe.files
    .get(`src/${name}`)!
    .replace('<script setup lang="ts">', "$&\nimport { ref as counter, watch } from 'vue';")
    .replace(
      '</script>',
      `const renders = counter(0);\nwatch(${list}, () => (renders.value += 1));\n</script>`,
    )
    .replace('</ol>', '</ol><b>{{ renders }}</b>');
}
