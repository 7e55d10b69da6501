import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRecipeGateway } from '../support/recipe-gateway.ts';
import { writeRecipe, type Recipe } from '../support/typed-recipe.ts';
import { comesBack } from './recipe-laws.ts';

let recipe: Recipe;

beforeAll(async () => {
  recipe = await writeRecipe('apollo-client.md');
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

  const opening = ['devices: a'];
  const main = (): string => recipe.files.get('src/main.ts')!;
  const multipartMain = (): string =>
    main()
      .replaceAll('createApolloClient', 'createMultipartClient')
      .replace('./apollo.ts', './multipart.ts');
  comesBack('main', { recipe: () => recipe, program: main, opening });
  comesBack('multipart', { recipe: () => recipe, program: multipartMain, opening });

  it.each([
    { policy: 'no-cache', keyFields: 'false', kept: [] },
    { policy: 'cache-first', keyFields: 'false', kept: ['ROOT_SUBSCRIPTION'] },
    {
      policy: 'cache-first',
      keyFields: "['deviceId', 'position']",
      kept: ['DeviceMessage', 'DeviceMessage', 'DeviceMessage', 'ROOT_SUBSCRIPTION'],
    },
  ])('keeps $kept of three messages with $policy and keyFields $keyFields', async (of) => {
    await using gateway = await startRecipeGateway();
    await gateway.publish(1, 2, 3);
    const apollo = recipe.files.get('src/apollo.ts')!;
    await recipe.write(
      'src/apollo-cache.ts',
      apollo.replace(/(keyFields: )false/, `$1${of.keyFields}`),
    );
    await recipe.write(
      'src/cache.ts',
      `import { createApolloClient } from './apollo-cache.ts';
import { DevicesDocument, MessagesDocument } from './generated/graphql.ts';

const client = createApolloClient(process.env['SLUICE_URL']!);
let count = 0;
client
  .subscribe({
    query: MessagesDocument,
    variables: { deviceIds: ['a'], replay: 3 },
    fetchPolicy: '${of.policy}',
  })
  .subscribe(async () => {
    count += 1;
    if (count < 3) return;
    console.log(JSON.stringify(Object.keys(client.cache.extract() as object)));
    await client.clearStore();
    await client.query({ query: DevicesDocument });
    console.log(JSON.stringify(Object.keys(client.cache.extract() as object)));
  });
`,
    );
    await using program = recipe.start('src/cache.ts', [], { SLUICE_URL: gateway.graphqlUrl });
    const [kept, queried] = (await program.lines.take(2)).map(
      (line) => JSON.parse(line) as string[],
    );
    expect(
      kept!
        .filter((key) => key !== '__META')
        .map((key) => key.split(':')[0]!)
        .toSorted(),
    ).toEqual(of.kept);
    expect(queried).toContain('Device:a');
  });
});
