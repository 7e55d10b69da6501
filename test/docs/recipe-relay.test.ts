import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRecipeGateway } from '../support/recipe-gateway.ts';
import { writeRecipe, type Recipe } from '../support/typed-recipe.ts';
import { comesBack } from './recipe-laws.ts';

let recipe: Recipe;

beforeAll(async () => {
  recipe = await writeRecipe('relay.md');
});

afterAll(() => recipe[Symbol.asyncDispose]());

describe('docs/recipes/relay.md', () => {
  it('compiles, and does not with a wrong variable', async () => {
    await recipe.write(
      'src/wrong.ts',
      `import { requestSubscription } from 'relay-runtime';
import { createEnvironment } from './environment.ts';
import type { MessagesSubscription, MessagesSubscriptionVariables } from './generated/graphql.ts';
import { messagesArtifact } from './messages-artifact.ts';

interface Messages {
  readonly variables: MessagesSubscriptionVariables;
  readonly response: MessagesSubscription;
}

requestSubscription<Messages>(createEnvironment('').environment, {
  subscription: messagesArtifact,
  // @ts-expect-error: a list of ids
  variables: { deviceIds: 7 },
});
`,
    );
    expect(await recipe.compile()).toBe('');
  });

  const main = (): string => recipe.files.get('src/main.ts')!;
  comesBack('main', { recipe: () => recipe, program: main, opening: [] });

  it('gets each message of a burst', async () => {
    await using gateway = await startRecipeGateway();
    await using program = recipe.start('src/main.ts', ['a'], { SLUICE_URL: gateway.url });
    await gateway.subscribers(1);
    const burst = Array.from({ length: 200 }, (_, index) => ({ n: index + 1 }));
    await gateway.device.publish('devices/a/messages', JSON.stringify(burst));
    expect(await program.lines.take(200)).toEqual(burst.map((of) => `a ${JSON.stringify(of)}`));
  });

  it('keeps no more than some thousand records of a long stream', async () => {
    await using gateway = await startRecipeGateway();
    const records = 'environment.getStore().getSource().getRecordIDs().length';
    await recipe.write(
      'src/records.ts',
      recipe.files
        .get('src/main.ts')!
        .replace(/console\.log\(deviceId.*/, `console.log(${records});`),
    );
    await using program = recipe.start('src/records.ts', ['a'], { SLUICE_URL: gateway.url });
    await gateway.subscribers(1);
    for (let i = 0; i < 5; i += 1) {
      const stream = Array.from({ length: 980 }, (_, n) => ({ n }));
      await gateway.device.publish('devices/a/messages', JSON.stringify(stream));
    }
    // Two records of each; at most a thousand messages since the last time that they were removed.
    const counts = (await program.lines.take(4_900)).map(Number);
    expect(counts[0]).toBe(3);
    expect(counts.at(-1)).toBeLessThan(4_000);
  });

  it('fetches the result of a query', async () => {
    await using gateway = await startRecipeGateway();
    await recipe.write(
      'src/query.ts',
      `import { fetchQuery } from 'relay-runtime';
import { createEnvironment } from './environment.ts';

const field = { kind: 'ScalarField', alias: null, args: null, name: 'version', storageKey: null };
const selections = [
  {
    kind: 'LinkedField', alias: null, args: null, concreteType: 'BrokerStats',
    name: 'brokerStats', plural: false, selections: [field], storageKey: null,
  },
];
const artifact = {
  kind: 'Request',
  fragment: {
    kind: 'Fragment', name: 'Stats', type: 'Query', abstractKey: null, metadata: null,
    argumentDefinitions: [], selections,
  },
  operation: { kind: 'Operation', name: 'Stats', argumentDefinitions: [], selections },
  params: {
    cacheID: 'stats', id: null, metadata: {}, name: 'Stats', operationKind: 'query',
    text: 'query Stats { brokerStats { version } }',
  },
};
const { environment } = createEnvironment(process.env['SLUICE_URL']!);
console.log(JSON.stringify(await fetchQuery(environment, artifact as never, {}).toPromise()));
`,
    );
    await using program = recipe.start('src/query.ts', [], { SLUICE_URL: gateway.url });
    expect(JSON.parse(await program.lines.next())).toMatchObject({
      brokerStats: { version: expect.stringMatching(/^\d/) as string },
    });
  });
});
