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
  recipe = stack.use(await writeRecipe('apollo-client.md', 'urql.md', 'react.md'));
  gateway = stack.use(await startRecipeGateway());
  browser = stack.use(await openBrowser());
});

afterAll(() => stack.disposeAsync());

/** A page that counts what its component sees of the burst, with the hook and nothing else. */
function pageWithHookAlone(kind: 'apollo' | 'urql', effect: string): string {
  const [provider, prop, from, use] = {
    apollo: [
      'ApolloProvider',
      'client',
      '@apollo/client/react',
      "const { data } = useSubscription(MessagesDocument, { variables, fetchPolicy: 'no-cache' });",
    ],
    urql: [
      'Provider',
      'value',
      'urql',
      'const [{ data }] = useSubscription({ query: MessagesDocument, variables });',
    ],
  }[kind];
  const create = { apollo: 'createApolloClient', urql: 'createUrqlClient' }[kind];
  return `import { ${provider}, useSubscription } from '${from}';
import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { ${create} } from './${kind}.ts';
import { MessagesDocument } from './generated/graphql.ts';

const variables = { deviceIds: ['a'] };
const rendered = new Set<number>();

function App() {
  ${use}
  const [collected, setCollected] = useState<unknown[]>([]);
  ${effect}
  const n = (data?.deviceMessages.payload as { n: number } | undefined)?.n;
  if (n !== undefined) rendered.add(n);
  return <p data-rendered={rendered.size} data-collected={collected.length}>{n}</p>;
}

createRoot(document.getElementById('root')!).render(
  <${provider} ${prop}={${create}(import.meta.env['VITE_SLUICE_URL']).client}><App /></${provider}>,
);
`;
}

async function open(main: string, { text = '', url = gateway.url, deviceId = 'a' } = {}) {
  if (text !== '') await recipe.write(main, text);
  await recipe.write('index.html', recipe.files.get('index.html')!.replace('src/main.tsx', main));
  return openRecipePage(recipe, browser, url, `?device=${deviceId}`);
}

describe('docs/recipes/react.md', () => {
  it('compiles, and does not with a wrong variable', async () => {
    await recipe.write(
      'src/wrong.tsx',
      `import { useSubscription as useApolloSubscription } from '@apollo/client/react';
import { useSubscription } from 'urql';
import { MessagesDocument } from './generated/graphql.ts';

// @ts-expect-error: a list of ids
useApolloSubscription(MessagesDocument, { variables: { deviceIds: 7 } });
// @ts-expect-error: a list of ids
useSubscription({ query: MessagesDocument, variables: { deviceIds: 7 } });
`,
    );
    expect(await recipe.compile()).toBe('');
  });

  describe('the hook alone', () => {
    const collect =
      'useEffect(() => { if (data) setCollected((all) => [...all, data]); }, [data]);';
    async function seen(kind: 'apollo' | 'urql', effect: string) {
      await using page = await open('src/alone.tsx', { text: pageWithHookAlone(kind, effect) });
      await gateway.subscribers(1);
      await gateway.device.publish('devices/a/messages', JSON.stringify(burst));
      await page.says('p', '200');
      await gateway.device.publish('devices/a/messages', '{ "n": 201 }');
      await page.says('p', '201');
      const [counts] = await page.attributes('p');
      return {
        rendered: counts!['data-rendered'],
        collected: counts!['data-collected'],
        problems: page.problems,
      };
    }

    it('renders the last messages of a burst and no others, with urql', async () => {
      const { rendered, problems } = await seen('urql', '');
      expect(Number(rendered)).toBeLessThan(100);
      expect(problems).toEqual([]);
    });

    it('renders once for each message of a burst, with Apollo Client', async () => {
      const { rendered, problems } = await seen('apollo', '');
      expect({ rendered, problems }).toEqual({ rendered: '201', problems: [] });
    });

    it('loses messages of a burst when an effect collects them, with Apollo Client', async () => {
      const { collected, problems } = await seen('apollo', collect);
      expect(Number(collected)).toBeLessThan(201);
      // React's "Maximum update depth exceeded".
      expect(problems.join()).toContain('Minified React error #185');
    });
  });

  it.each(['src/main.tsx', 'src/main-urql.tsx', 'src/hook-apollo.tsx', 'src/hook-urql.tsx'])(
    'shows each of 200 messages of one turn, and goes on after the gateway was killed: %s',
    async (main) => {
      await using page = await open(main);
      await showsAll(page, gateway);
    },
  );

  it.each([
    { main: 'src/main.tsx', deviceId: 'silent-apollo' },
    { main: 'src/main-urql.tsx', deviceId: 'silent-urql' },
  ])(
    'shows all of a device that speaks for the first time while the connection is cut: $main',
    async ({ main, deviceId }) => {
      await using proxy = await startTcpProxy(gateway.url);
      await using page = await open(main, { url: proxy.url, deviceId });
      await showsFirstWords(page, { gateway, proxy, deviceId });
    },
  );

  it.each(['src/main.tsx', 'src/main-urql.tsx'])(
    'has no hole where its component was gone for a while: %s',
    async (main) => {
      const text = recipe.files
        .get(main)!
        .replace('{ StrictMode,', '{ StrictMode, useState,')
        .replace('    <App />', '    <Gone />');
      const gone = `${text}
function Gone() {
  const [there, setThere] = useState(true);
  return <><button onClick={() => setThere(!there)} />{there && <App />}</>;
}
`;
      await using page = await open('src/gone.tsx', { text: gone });
      await gateway.subscribers(1);
      await gateway.publish(6);
      await page.says('li >> nth=-1', 'a 6');
      await browser.page.locator('button').click();
      await gateway.subscribers(0);
      await gateway.publish(7, 8);
      await browser.page.locator('button').click();
      await page.says('li >> nth=-1', 'a 8');
      expect((await page.texts('li')).slice(-3)).toEqual(['a 6', 'a 7', 'a 8']);
    },
  );

  it('says why it was refused', async () => {
    for (const main of [
      'src/main.tsx',
      'src/main-urql.tsx',
      'src/hook-apollo.tsx',
      'src/hook-urql.tsx',
    ]) {
      await using page = await open(main);
      await page.open('?');
      await page.says('[role=alert]', /at least one|device/i);
    }
  });
});
