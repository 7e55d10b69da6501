import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { subgraphSdl } from '../../schema/federation.ts';
import { createSchema } from '../../schema/schema.ts';
import { runCommand } from '../support/command.ts';

describe('sluice schema', { timeout: 30_000 }, () => {
  it('prints the schema that the package has beside it', async () => {
    const sdl = await readFile(new URL('../../schema/schema.graphql', import.meta.url), 'utf8');
    expect(await runCommand(['schema'])).toMatchObject({ code: 0, stdout: sdl, stderr: '' });
  });

  it('prints what a composition takes with --federation', async () => {
    const { code, stdout } = await runCommand(['schema', '--federation']);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: subgraphSdl(createSchema({ federation: true })),
    });
    expect(stdout).toContain('type Device @key(fields: "id")');
  });
});
