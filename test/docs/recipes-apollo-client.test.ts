import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRecipeGateway } from '../support/recipe-gateway.ts';
import { writeRecipe, type Recipe } from '../support/recipe.ts';

let recipe: Recipe;

beforeAll(async () => {
  recipe = await writeRecipe('apollo-client.md');
  const main = recipe.files.get('src/main.ts')!;
  await recipe.write(
    'src/main-multipart.ts',
    main
      .replace("import { createApolloClient } from './apollo.ts'", "import { createMultipartClient } from './multipart.ts'")
      .replace('createApolloClient(', 'createMultipartClient('),
  );
});

afterAll(() => recipe[Symbol.asyncDispose]());

describe('docs/recipes/apollo-client.md', () => {
  it('compiles, and does not with a wrong variable', async () => {
    await recipe.write(
      'src/wrong.ts',
      `import { createApolloClient } from './apollo.ts';
import { MessagesDocument } from './generated/graphql.ts';

createApolloClient('').subscribe({
  query: MessagesDocument,
  // @ts-expect-error: a list of ids
  variables: { deviceIds: 7 },
});
`,
    );
    expect(await recipe.compile()).toBe('');
  });

  it.each(['src/main.ts', 'src/main-multipart.ts'])(
    'goes on by itself after the gateway was killed: %s',
    async (name) => {
      await using gateway = await startRecipeGateway();
      await gateway.publish(1);
      await using program = recipe.start(name, ['a'], { SLUICE_URL: gateway.graphqlUrl });
      const { lines } = program;
      expect(await lines.take(2)).toEqual(['devices: a', 'a 1']);
      await gateway.publish(2);
      expect(await lines.next()).toBe('a 2');
      await gateway.kill();
      await gateway.publish(3, 4);
      await gateway.start();
      expect(await lines.take(3)).toEqual(['gap: missed unknown, STREAM_RESET', 'a 3', 'a 4']);
      await gateway.publish(5);
      expect(await lines.next()).toBe('a 5');
    },
  );
});
