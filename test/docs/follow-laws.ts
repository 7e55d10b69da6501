import { expect } from 'vitest';
import type { Recipe, RunningProgram } from '../support/recipe.ts';

export interface Follower {
  readonly recipe: Recipe;
  /** Follows the devices `a` and `b`. */
  readonly program: RunningProgram;
  /** What `a` and `b` send first. */
  readonly first: { readonly a: string; readonly b: string };
  /** What it prints of that, and of `3` and `4` of `a` after the restart. */
  readonly prints: { readonly before: readonly string[]; readonly after: readonly string[] };
  /** How it says that the gateway is gone, if it does. */
  readonly isCut?: (state: string) => boolean;
}

/** A program follows its devices alone through a kill and a restart of the gateway, and ends at Ctrl-C. */
export async function followsThroughKill(follower: Follower): Promise<void> {
  const { recipe, program, first, prints, isCut } = follower;
  await recipe.subscribers(1);
  await recipe.publish('a', first.a);
  await recipe.publish('b', first.b);
  await recipe.publish('c', '"of nobody"');
  expect(await program.lines(2)).toEqual(prints.before);

  await recipe.gateway.kill();
  if (isCut !== undefined) await program.stateThat(isCut);
  await recipe.gateway.start();
  await recipe.publish('a', '3', '4');
  expect(await program.lines(2)).toEqual(prints.after);
  program.interrupt();
  expect(await program.ended).toBe(0);
  expect(program.untaken).toEqual([]);
}
