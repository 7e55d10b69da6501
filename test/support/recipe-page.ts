import { join } from 'node:path';
import { preview } from 'vite';
import type { Browser } from './browser.ts';
import { freePort } from './free-port.ts';
import type { Recipe } from './typed-recipe.ts';

/** A recipe's page, built as its reader builds it, and open in a browser. */
export interface RecipePage extends AsyncDisposable {
  /** Resolves as soon as an element says so: exactly this, or what the expression matches. */
  says(selector: string, text: string | RegExp): Promise<void>;
  /** The texts of all elements that the selector finds. */
  texts(selector: string): Promise<string[]>;
  /** The attributes of all elements that the selector finds. */
  attributes(selector: string): Promise<Record<string, string>[]>;
  /** Opens it anew with this query. */
  open(search: string): Promise<void>;
  /** Leaves it. */
  close(): Promise<void>;
  /** What went wrong in the page, but for the connections that were refused while the gateway was away. */
  readonly problems: readonly string[];
}

export async function openRecipePage(
  recipe: Recipe,
  { page }: Browser,
  url: string,
  search = '',
): Promise<RecipePage> {
  await recipe.command('vite', ['build', '--logLevel', 'error'], { VITE_SLUICE_URL: url });
  const port = await freePort();
  const server = await preview({
    root: recipe.folder,
    configFile: false,
    logLevel: 'error',
    build: { outDir: join(recipe.folder, 'dist') },
    preview: { host: '127.0.0.1', port, strictPort: true, open: false },
  });
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (line) => {
    if (line.type() === 'error' && !/net::ERR_/.test(line.text())) problems.push(line.text());
  });
  const open = async (query: string): Promise<void> => {
    await page.goto(`http://127.0.0.1:${port}/${query}`);
  };
  await open(search);
  return {
    problems,
    open,
    async close() {
      await page.goto('about:blank');
    },
    async says(selector, text) {
      await page.locator(selector).filter({ hasText: text }).first().waitFor();
    },
    texts: (selector) => page.locator(selector).allTextContents(),
    attributes: (selector) =>
      page
        .locator(selector)
        .evaluateAll((elements) =>
          elements.map((element) =>
            Object.fromEntries(
              Array.from(
                (element as unknown as { attributes: { name: string; value: string }[] })
                  .attributes,
                ({ name, value }) => [name, value],
              ),
            ),
          ),
        ),
    async [Symbol.asyncDispose]() {
      await page.goto('about:blank');
      page.removeAllListeners('pageerror').removeAllListeners('console');
      await server.close();
    },
  };
}
