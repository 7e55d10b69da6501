import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { logEventNames } from '../../src/observe/log-events.ts';

const source = resolve(import.meta.dirname, '../../src');

it('every event of the catalogue is logged somewhere', async () => {
  const names = await readdir(source, { recursive: true });
  const files = names.filter((name) => name.endsWith('.ts') && !name.endsWith('log-events.ts'));
  const texts = await Promise.all(files.map((name) => readFile(join(source, name), 'utf8')));
  const code = texts.join('\n');
  expect(logEventNames.filter((event) => !code.includes(`'${event}'`))).toEqual([]);
});

it('every event has a name of two parts', () => {
  for (const event of logEventNames) expect(event).toMatch(/^[a-z]+\.[a-z_]+$/);
});
