import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
  recipe = stack.use(await writeRecipe('urql.md', 'svelte.md'));
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
messagesOf(createUrqlClient(''), { deviceIds: 7 });
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

  it('shows an effect only the last messages of a burst when there is no handler', async () => {
    await recipe.write(
      'src/App.svelte',
      recipe.files
        .get('src/App.svelte')!
        .replace(
          '</script>',
          `  let watched = $state(0);
  $effect(() => {
    if ($result.data) untrack(() => (watched += 1));
  });
</script>`,
        )
        .replace("import { messagesOf } from './messages.ts';", `import { subscriptionStore } from '@urql/svelte';
  import { untrack } from 'svelte';
  import { MessagesDocument } from './generated/graphql.ts';`)
        .replace(/messagesOf\(client, (.*)\)/, 'subscriptionStore({ client, query: MessagesDocument, variables: $1 })')
        .replace(/<ol>.*<\/ol>/s, '<b>{watched}</b><i>{JSON.stringify($result.data?.deviceMessages.payload)}</i>'),
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
