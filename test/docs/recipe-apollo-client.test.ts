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

createApolloClient('').client.subscribe({
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
      'src/apollo-with-cache.ts',
      apollo.replace('./cache.ts', './other-cache.ts'),
    );
    await recipe.write(
      'src/other-cache.ts',
      recipe.files.get('src/cache.ts')!.replace(/(keyFields: )false/, `$1${of.keyFields}`),
    );
    await recipe.write(
      'src/kept.ts',
      `import { createApolloClient } from './apollo-with-cache.ts';
import { DevicesDocument, MessagesDocument } from './generated/graphql.ts';

const { client } = createApolloClient(process.env['SLUICE_URL']!);
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
    await using program = recipe.start('src/kept.ts', [], { SLUICE_URL: gateway.url });
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

  it('adds a page of devices to those before, with nodes and edges', async () => {
    await using gateway = await startRecipeGateway();
    const ids = Array.from({ length: 7 }, (_, i) => `device-${i}`);
    await gateway.device.publishAll(
      ids.map((id) => ({ topic: `devices/${id}/messages`, payload: '1' })),
    );
    await recipe.write(
      'src/pages.ts',
      `import { gql } from '@apollo/client';
import { createApolloClient } from './apollo.ts';

const { client } = createApolloClient(process.env['SLUICE_URL']!);
const query = gql\`query ($first: Int, $after: String) {
    devices(first: $first, after: $after) {
      nodes { id } edges { node { id } } pageInfo { endCursor hasNextPage }
    }
  }\`;
const variables = { first: 3 };
await client.query({ query, variables });
const devices = client.watchQuery<any>({ query, variables });
const pages = () => client.readQuery<any>({ query, variables }).devices;
function say() {
  const { nodes, edges, pageInfo } = pages();
  console.log(nodes.length, edges.length, pageInfo.hasNextPage, edges.at(-1).node.id);
}
const more = (after: string) => devices.fetchMore({ variables: { after } });
devices.subscribe({});
say();
const first = pages().pageInfo.endCursor;
await more(first);
say();
await more(first);
say();
await more(pages().pageInfo.endCursor);
say();
await devices.refetch();
say();
`,
    );
    await using program = recipe.start('src/pages.ts', [], { SLUICE_URL: gateway.url });
    expect(await program.lines.take(5)).toEqual([
      '3 3 true device-2',
      '6 6 true device-5',
      '6 6 true device-5',
      '7 7 false device-6',
      '3 3 true device-2',
    ]);
  });
});
