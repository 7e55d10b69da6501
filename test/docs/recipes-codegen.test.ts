import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeRecipe, type Recipe } from '../support/recipe.ts';

let recipe: Recipe;

beforeAll(async () => {
  recipe = await writeRecipe();
});

afterAll(() => recipe[Symbol.asyncDispose]());

describe('docs/recipes/codegen.md', () => {
  it('generates types with which its programs compile', async () => {
    expect(await recipe.compile()).toBe('');
  });
});
