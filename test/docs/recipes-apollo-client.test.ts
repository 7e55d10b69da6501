import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRecipeGateway } from '../support/recipe-gateway.ts';
import { writeRecipe, type Recipe } from '../support/recipe.ts';
import { startTokenGate } from '../support/token-gate.ts';

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

  it('says why a subscription was refused, and goes on no more', async () => {
    await using gateway = await startRecipeGateway();
    await using program = recipe.start('src/main.ts', [], { SLUICE_URL: gateway.graphqlUrl });
    const [, told, ended] = await program.lines.take(3);
    expect(told).toMatch(/^Messages: BAD_USER_INPUT: /);
    expect(ended).toMatch(/^ended: /);
  });

  it('sends the token with queries and subscriptions', async () => {
    await using gateway = await startRecipeGateway();
    await using gate = await startTokenGate(gateway.url, 'secret');
    await gateway.publish(1);
    const main = recipe.files.get('src/main.ts')!;
    const withToken = main.replace(/(createApolloClient\(.*)\);/, "$1, () => 'secret');");
    await recipe.write('src/main-token.ts', withToken);
    await using program = recipe.start('src/main-token.ts', ['a'], {
      SLUICE_URL: `${gate.url}/graphql`,
    });
    expect(await program.lines.take(2)).toEqual(['devices: a', 'a 1']);
    expect(gate.tokens).toEqual(['secret', 'secret']);
  });

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
    await recipe.write('src/apollo-cache.ts', apollo.replace(/(keyFields: )false/, `$1${of.keyFields}`));
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
    expect(kept!.filter((key) => key !== '__META').map((key) => key.split(':')[0]!).toSorted()).toEqual(of.kept);
    expect(queried).toContain('Device:a');
  });
});
