import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeRecipe, type Recipe } from '../support/typed-recipe.ts';
import { comesBack } from './recipe-laws.ts';

let recipe: Recipe;

beforeAll(async () => {
  recipe = await writeRecipe('urql.md');
});

afterAll(() => recipe[Symbol.asyncDispose]());

describe('docs/recipes/urql.md', () => {
  it('compiles, and does not with a wrong variable', async () => {
    await recipe.write(
      'src/wrong.ts',
      `import { createUrqlClient } from './urql.ts';
import { MessagesDocument } from './generated/graphql.ts';

// @ts-expect-error: a list of ids
createUrqlClient('').client.subscription(MessagesDocument, { deviceIds: 7 });
`,
    );
    expect(await recipe.compile()).toBe('');
  });

  const opening = ['devices: a'];
  const main = (): string => recipe.files.get('src/main.ts')!;
  const eventsMain = (): string =>
    main().replaceAll('createUrqlClient', 'createEventsClient').replace('./urql.ts', './events.ts');
  comesBack('main', { recipe: () => recipe, program: main, opening });
  comesBack('events', { recipe: () => recipe, program: eventsMain, opening });
  comesBack('follow', {
    recipe: () => recipe,
    program: () => recipe.files.get('src/follow-main.ts')!,
    opening: [],
  });
});
