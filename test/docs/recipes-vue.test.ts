import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileScript, parse } from 'vue/compiler-sfc';
import { openBrowser, type Browser } from '../support/browser.ts';
import { startRecipeGateway, type RecipeGateway } from '../support/recipe-gateway.ts';
import { openRecipePage } from '../support/recipe-page.ts';
import { writeRecipe, type Recipe } from '../support/recipe.ts';
import { burst, showsAll } from './page-laws.ts';

let recipe: Recipe;
let gateway: RecipeGateway;
let browser: Browser;
const stack = new AsyncDisposableStack();

beforeAll(async () => {
  recipe = stack.use(await writeRecipe('urql.md', 'vue.md'));
  gateway = stack.use(await startRecipeGateway());
  browser = stack.use(await openBrowser());
});

afterAll(() => stack.disposeAsync());

describe('docs/recipes/vue.md', () => {
  it('compiles, and does not with a wrong variable', async () => {
    // In place of vue-tsc: the compiler of Vue makes TypeScript of the component, template too.
    const { descriptor } = parse(recipe.files.get('src/App.vue')!);
    await recipe.write(
      'src/App.vue.ts',
      compileScript(descriptor, { id: 'app', inlineTemplate: true }).content,
    );
    await recipe.write(
      'src/wrong.ts',
      `import { useSubscription } from '@urql/vue';
import { MessagesDocument } from './generated/graphql.ts';

// @ts-expect-error: a list of ids
useSubscription({ query: MessagesDocument, variables: { deviceIds: 7 } });
`,
    );
    expect(await recipe.compile()).toBe('');
  });

  it('shows each of 200 messages of one turn, and goes on after the gateway was killed', async () => {
    await using page = await openRecipePage(recipe, browser, gateway.graphqlUrl, '?device=a');
    await showsAll(page, gateway);
  });

  it('says why it was refused', async () => {
    await using page = await openRecipePage(recipe, browser, gateway.graphqlUrl);
    await page.says('[role=alert]', 'device');
    expect(page.problems).toEqual([]);
  });

  it('shows a watch only the last messages of a burst when there is no handler', async () => {
    await recipe.write(
      'src/App.vue',
      recipe.files
        .get('src/App.vue')!
        .replace('import { ref }', 'import { ref, watch }')
        .replace(/,\n  \(all: .*?\n\);/s, ',\n);\nconst watched = ref(0);\nwatch(messages, () => (watched.value += 1));')
        .replace(/<ol>.*<\/ol>/s, '<b>{{ watched }}</b><i>{{ messages?.deviceMessages.payload }}</i>'),
    );
    await using page = await openRecipePage(recipe, browser, gateway.graphqlUrl, '?device=a');
    await gateway.subscribers(1);
    await gateway.device.publish('devices/a/messages', JSON.stringify(burst));
    await page.says('i', '200');
    const [seen] = await page.texts('b');
    expect(Number(seen)).toBeGreaterThan(0);
    expect(Number(seen)).toBeLessThan(100);
  });
});
