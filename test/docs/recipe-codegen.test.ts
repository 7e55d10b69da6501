import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRecipeGateway } from '../support/recipe-gateway.ts';
import { writeRecipe, type Recipe } from '../support/typed-recipe.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { startTokenGate } from '../support/token-gate.ts';
import { until } from '../support/until.ts';

let recipe: Recipe;

beforeAll(async () => {
  recipe = await writeRecipe();
  await recipe.write(
    'src/main.ts',
    `import { readFileSync } from 'node:fs';
import { print } from 'graphql';
import { connect } from 'sluice-client/graphql-ws';
import { MessagesDocument, type MessagesSubscription } from './generated/graphql.ts';

const client = connect(process.env['SLUICE_URL']!, {
  token: () => readFileSync('token', 'utf8'),
});
const variables = JSON.parse(process.argv[2]!);
const query = print(MessagesDocument);
for await (const { data } of client.iterate<MessagesSubscription>({ query, variables })) {
  const { deviceId, payload, position, gap } = data!.deviceMessages;
  console.log(deviceId, payload, process.argv[3] ? position : JSON.stringify(gap));
}
`,
  );
});

afterAll(() => recipe[Symbol.asyncDispose]());

const deviceA = JSON.stringify({ deviceIds: ['a'], replay: 1 });

describe('docs/recipes/codegen.md', () => {
  it('generates types with which its programs compile, and wrong documents do not', async () => {
    await recipe.write(
      'src/wrong.ts',
      `import type { MessagesSubscription, MessagesSubscriptionVariables } from './generated/graphql.ts';

// @ts-expect-error: a list of ids
export const variables: MessagesSubscriptionVariables = { deviceIds: 7 };
// @ts-expect-error: not asked for
export const topic = (data: MessagesSubscription) => data.deviceMessages.topic;
// @ts-expect-error: nobody knows what a device sends
export const text = (data: MessagesSubscription): string => data.deviceMessages.payload;
`,
    );
    expect(await recipe.compile()).toBe('');
  });

  it('comes back with a new token when the old one runs out, and misses nothing', async () => {
    await using gateway = await startRecipeGateway();
    await using gate = await startTokenGate(gateway.url, 'first');
    await gateway.publish(1);
    await writeFile(join(recipe.folder, 'token'), 'first');
    await using program = recipe.start('src/main.ts', [deviceA], { SLUICE_URL: gate.url });
    const { lines } = program;
    expect(await lines.next()).toBe('a 1 null');
    gate.expire('second');
    await gateway.subscribers(0);
    await gateway.publish(2, 3);
    // Refused at least once with the token of before.
    await until(
      'it came back',
      () => gate.tokens.length >= 2,
      () => gate.tokens,
    );
    await writeFile(join(recipe.folder, 'token'), 'second');
    expect(await lines.take(2)).toEqual(['a 2 null', 'a 3 null']);
    await gateway.publish(4);
    expect(await lines.next()).toBe('a 4 null');
    expect(gate.tokens.at(-1)).toBe('second');
    expect(gate.tokens.slice(0, 2)).toEqual(['first', 'first']);
  });

  it('comes back behind what it was given for devices that have sent nothing since', async () => {
    await using gateway = await startRecipeGateway();
    await using gate = await startTokenGate(gateway.url, 'first');
    await writeFile(join(recipe.folder, 'token'), 'first');
    await gateway.publish(1);
    await gateway.device.publish('devices/b/messages', '1');
    let after;
    {
      const both = JSON.stringify({ deviceIds: ['a', 'b'], replay: 1 });
      await using program = recipe.start('src/main.ts', [both, 'positions'], {
        SLUICE_URL: gate.url,
      });
      after = (await program.lines.take(2)).map((line) => {
        const [deviceId, , position] = line.split(' ');
        return { deviceId, position };
      });
    }
    await gateway.publish(2);
    const variables = JSON.stringify({ deviceIds: ['a', 'b'], after });
    await using program = recipe.start('src/main.ts', [variables], { SLUICE_URL: gate.url });
    const { lines } = program;
    await gateway.subscribers(1);
    await gateway.publish(3);
    expect(await lines.next()).toBe('a 2 null');
    expect(await lines.next()).toBe('a 3 null');
    gate.expire('second');
    await gateway.subscribers(0);
    await gateway.device.publish('devices/b/messages', '2');
    await writeFile(join(recipe.folder, 'token'), 'second');
    expect(await lines.next()).toBe('b 2 null');
  });

  it('carries a subscription that names no devices, too', async () => {
    await using gateway = await startRecipeGateway();
    await recipe.write(
      'src/stats.ts',
      `import { connect } from 'sluice-client/graphql-ws';

const query = 'subscription { brokerStats { ingestConnected } }';
for await (const { data } of connect(process.env['SLUICE_URL']!).iterate({ query })) {
  console.log(JSON.stringify(data));
  break;
}
`,
    );
    await using program = recipe.start('src/stats.ts', [], { SLUICE_URL: gateway.url });
    expect(await program.lines.next()).toBe('{"brokerStats":{"ingestConnected":true}}');
    await expect(program.lines.next()).rejects.toThrow('the program has ended with 0');
  });

  it('leaves nothing behind when it ends before its positions are known', async () => {
    await using gateway = await startRecipeGateway();
    await recipe.write(
      'src/brief.ts',
      `import { print } from 'graphql';
import { connect } from 'sluice-client/graphql-ws';
import { MessagesDocument, type MessagesSubscription } from './generated/graphql.ts';

const client = connect(process.env['SLUICE_URL']!);
const query = print(MessagesDocument);
const sink = {
  next: ({ data }: { data?: MessagesSubscription | null }) => console.log(data?.deviceMessages.deviceId),
  error: console.error,
  complete() {},
};
function follow(id: string) {
  return client.subscribe({ query, variables: { deviceIds: [id] } }, sink);
}
const end = follow('b');
follow('a');
// By then it has asked, and cannot have read the answer.
client.on('connected', () => setImmediate(end));
client.on('message', ({ type }) => console.log(type));
`,
    );
    await using program = recipe.start('src/brief.ts', [], { SLUICE_URL: gateway.url });
    const { lines } = program;
    await gateway.subscribers(1);
    await gateway.device.publish('devices/b/messages', '1');
    await gateway.publish(1);
    // What came in all until the message of a: the answers to both questions, and this.
    const types = [];
    for (let line = await lines.next(); line !== 'a'; line = await lines.next()) types.push(line);
    expect(types).toEqual(['connection_ack', 'next', 'complete', 'next', 'complete']);
  });

  it('comes back when the network has gone silent, and misses nothing', async () => {
    await using gateway = await startRecipeGateway();
    await using proxy = await startTcpProxy(gateway.url);
    await writeFile(join(recipe.folder, 'token'), '');
    await gateway.publish(1);
    await using program = recipe.start('src/main.ts', [deviceA], {
      SLUICE_URL: proxy.url,
    });
    const { lines } = program;
    expect(await lines.next()).toBe('a 1 null');
    proxy.stall();
    await gateway.publish(2, 3);
    expect(await lines.take(2)).toEqual(['a 2 null', 'a 3 null']);
  });
});
