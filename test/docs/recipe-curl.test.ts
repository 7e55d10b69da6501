import { describe, expect, it } from 'vitest';
import { startRecipe, type Recipe } from '../support/recipe.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

const page = 'recipes/curl.md';

/** Programs in a pipe whose last one has gone notice it when they write, one after the other. */
async function goOnUntilGone(recipe: Recipe): Promise<void> {
  await until('curl has gone', async () => {
    await recipe.publish('a', '"more"');
    return (await recipe.stats())['active_subscribers'] === 0;
  });
}

describe('docs/recipes/curl.md', () => {
  it('asks for devices and counters', async () => {
    await using recipe = await startRecipe(page);
    await recipe.publish('a', '{"n":1.50}');
    const query = recipe.run('sh', ['query.sh']);
    expect(await query.nextLine()).toMatch(
      /^\{"data":\{"devices":\{"totalCount":1,"nodes":\[\{"id":"a","lastMessage":\{"payload":\{"n":1\.50\}/,
    );
    expect(await query.ended).toBe(0);
    const stats = recipe.run('sh', ['stats.sh']);
    expect(await stats.lines(2)).toEqual([
      '{"data":{"brokerStats":{"totalMessagesProcessed":1,"activeSubscribers":0}}}',
      expect.stringMatching(/^\{"total_messages_processed":1,"active_subscribers":0,/),
    ]);
    expect(await stats.ended).toBe(0);
  });

  it('takes three messages over GraphQL, and ends', async () => {
    await using recipe = await startRecipe(page);
    await recipe.publish('a', '1', '2', '3', '4');
    const program = recipe.run('sh', ['messages.sh', 'a']);
    for (const n of [2, 3, 4]) expect(await program.nextLine()).toMatch(`"payload":${n}}}}`);
    await goOnUntilGone(recipe);
    expect(await program.ended).toBe(0);
    expect(program.untaken).toEqual([]);
  });

  it('takes three messages of the plain stream and none of its pings, and ends', async () => {
    await using recipe = await startRecipe(page, { SLUICE_KEEP_ALIVE_MS: '100' });
    const program = recipe.run('sh', ['plain.sh', 'a,b']);
    await recipe.subscribers(1);
    await recipe.publish('a', '{"n":1}', '2');
    await recipe.publish('b', '{\n  "n": 3\n}');
    expect(await program.lines(3)).toEqual([
      '{"device_id":"a","n":1}',
      '{"device_id":"a","value":2}',
      '{"device_id":"b","n": 3',
    ]);
    await goOnUntilGone(recipe);
    expect(await program.ended).toBe(0);
  });

  it('says where a device is, and what came since', async () => {
    await using recipe = await startRecipe(page);
    await recipe.publish('a', '1');
    const where = recipe.run('sh', ['where.sh', 'a']);
    const place = await where.nextLine();
    expect(await where.ended).toBe(0);
    await recipe.publish('a', '2', '3');
    const since = recipe.run('sh', ['since.sh', 'a', place]);
    expect(await since.lines(2)).toEqual([
      '{"device_id":"a","value":2}',
      '{"device_id":"a","value":3}',
    ]);
    expect(await since.ended).toBe(0);
    expect(since.untaken).toEqual([]);
  });

  it('follows devices through a kill and a restart of the gateway', async () => {
    await using recipe = await startRecipe(page);
    const program = recipe.run('sh', ['follow.sh', 'place.txt', 'a', 'b']);
    await recipe.subscribers(1);
    await recipe.publish('a', '{\r\n  "text": "a \\\\ b"\r\n}');
    await recipe.publish('b', '2');
    expect(await program.lines(2)).toEqual([
      '{"data":{"deviceMessages":{"deviceId":"a","payload":{   "text": "a \\\\ b" },"gap":null}}}',
      '{"data":{"deviceMessages":{"deviceId":"b","payload":2,"gap":null}}}',
    ]);

    await recipe.gateway.kill();
    await program.stateThat((state) => state.startsWith('curl: '));
    await recipe.gateway.start();
    await recipe.publish('a', '3', '4');
    expect(await program.lines(2)).toEqual([
      '{"data":{"deviceMessages":{"deviceId":"a","payload":3,"gap":{"missed":null,"reason":"STREAM_RESET"}}}}',
      '{"data":{"deviceMessages":{"deviceId":"a","payload":4,"gap":null}}}',
    ]);
    program.interrupt();
    expect(await program.ended).toBe('SIGINT');
    expect(program.untaken).toEqual([]);

    await recipe.subscribers(0);
    await recipe.publish('a', '5');
    const again = recipe.run('sh', ['follow.sh', 'place.txt', 'a']);
    expect(await again.nextLine()).toBe(
      '{"data":{"deviceMessages":{"deviceId":"a","payload":5,"gap":null}}}',
    );
  });

  it('misses nothing when the connection alone is cut', async () => {
    await using recipe = await startRecipe(page);
    await using proxy = await startTcpProxy(recipe.gateway.url);
    const program = recipe.run('sh', ['follow.sh', 'place.txt', 'a'], proxy.url);
    await recipe.subscribers(1);
    await recipe.publish('a', '1');
    await program.nextLine();
    proxy.cut();
    await program.stateThat((state) => state.startsWith('curl: '));
    await recipe.publish('a', '2', '3');
    for (const n of [2, 3]) expect(await program.nextLine()).toMatch(`"payload":${n},"gap":null`);
  });

  it('prints why a subscription is refused, and ends', async () => {
    await using recipe = await startRecipe(page);
    const program = recipe.run('sh', ['follow.sh', 'place.txt', 'x'.repeat(257)]);
    expect(await program.nextLine()).toMatch(/^\{"errors":\[\{"message":/);
    expect(await program.ended).toBe(1);
  });
});
