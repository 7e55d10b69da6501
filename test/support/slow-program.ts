import { expect } from 'vitest';
import type { Recipe, RunningProgram } from './recipe.ts';
import type { TcpProxy } from './tcp-proxy.ts';
import { until } from './until.ts';

/** A gateway that ends a subscription as soon as it does not keep up, and keeps everything. */
export const slow = {
  SLUICE_OVERFLOW: 'disconnect',
  SLUICE_QUEUE_SIZE: '1',
  SLUICE_HISTORY_SIZE: '1000000',
} as const;

/** Holds up what comes to a program that follows the device `a`, until the gateway gives it up, and expects every message of it once. */
export async function expectWholeRecord(
  recipe: Recipe,
  proxy: TcpProxy,
  program: RunningProgram,
): Promise<void> {
  const filling = 'x'.repeat(200_000);
  let published = 0;
  async function publish(): Promise<void> {
    published += 1;
    await recipe.publish('a', JSON.stringify({ n: published, filling }));
  }
  await recipe.subscribers(1);
  await publish();
  const lines = await program.lines(1);
  proxy.stall();
  await until('the gateway has given it up', async () => {
    await publish();
    return (await recipe.stats())['active_subscribers'] === 0;
  });
  proxy.resume();
  lines.push(...(await program.lines(published - 1)));
  const messages = lines.map(
    (line) => JSON.parse(line) as { payload: { n: number }; gap: unknown },
  );
  expect(messages.map(({ payload, gap }) => [payload.n, gap])).toEqual(
    messages.map((_, i) => [i + 1, null]),
  );
}
