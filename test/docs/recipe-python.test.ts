import { describe, expect, it } from 'vitest';
import { startRecipe } from '../support/recipe.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { followsThroughKill } from './follow-laws.ts';

const page = 'recipes/python.md';
/** Debian's own: another one that comes first in the PATH has no websockets. */
const python = '/usr/bin/python3';

describe('docs/recipes/python.md', () => {
  it('follows devices through a kill and a restart of the gateway', async () => {
    await using recipe = await startRecipe(page);
    const program = recipe.run(python, ['follow.py', 'a', 'b']);
    await followsThroughKill({
      recipe,
      program,
      first: { a: '{"n":123456789012345678901234567890}', b: '1.10' },
      prints: {
        before: ["a {'n': 123456789012345678901234567890} None", 'b 1.10 None'],
        after: ["a 3 {'missed': None, 'reason': 'STREAM_RESET'}", 'a 4 None'],
      },
      isCut: (state) => state.startsWith('reconnecting: '),
    });
  });

  it('misses nothing when the connection alone is cut', async () => {
    await using recipe = await startRecipe(page);
    await using proxy = await startTcpProxy(recipe.gateway.url);
    const program = recipe.run(python, ['follow.py', 'a'], proxy.url);
    await recipe.subscribers(1);
    await recipe.publish('a', '1');
    await program.nextLine();
    proxy.cut();
    await program.stateThat((state) => state.startsWith('reconnecting: '));
    await recipe.publish('a', '2', '3');
    expect(await program.lines(2)).toEqual(['a 2 None', 'a 3 None']);
  });

  it('says why a subscription is refused, and ends', async () => {
    await using recipe = await startRecipe(page);
    const program = recipe.run(python, ['follow.py']);
    await program.stateThat((state) => state.startsWith('refused: '));
    expect(await program.ended).toBe(1);
  });

  it('follows the plain stream through a kill and a restart of the gateway', async () => {
    await using recipe = await startRecipe(page);
    const program = recipe.run(python, ['plain.py', 'a', 'b']);
    await recipe.subscribers(1);
    await recipe.publish('a', '{"n":1}');
    expect(await program.nextLine()).toBe("{'device_id': 'a', 'n': 1}");

    await recipe.gateway.kill();
    await recipe.gateway.start();
    // It begins live: what comes before is of nobody.
    await recipe.subscribers(1);
    await recipe.publish('b', '2');
    expect(await program.nextLine()).toBe("{'device_id': 'b', 'value': 2}");
    program.interrupt();
    expect(await program.ended).toBe(0);
    expect(program.untaken).toEqual([]);
  });

  it('says why the plain stream is refused, and ends', async () => {
    await using recipe = await startRecipe(page);
    const program = recipe.run(python, ['plain.py']);
    await program.stateThat((state) => state.startsWith('device_ids is required'));
    expect(await program.ended).toBe(0);
  });
});
