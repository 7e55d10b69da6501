import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startTestGateway } from '../support/gateway.ts';

const root = resolve(import.meta.dirname, '../..');

interface Example {
  readonly name: string;
  readonly program: string;
  /** What it shall print. */
  readonly output: string;
}

/** The programs of a page, each with what stands behind it as its output. */
function examplesIn(page: string): Example[] {
  return [...page.matchAll(/```js\n(\/\/ example: (.*?)\n.*?)```\n\n```text\n(.*?)```/gs)].map(
    ([, program = '', name = '', output = '']) => ({ name, program, output }),
  );
}

describe('docs/delivery-semantics.md', async () => {
  const page = await readFile(join(root, 'docs/delivery-semantics.md'), 'utf8');
  const examples = examplesIn(page);

  it('has a program for each of its sections', () => {
    expect(examples).toHaveLength(page.match(/^```js$/gm)?.length ?? 0);
    expect(examples.length).toBeGreaterThan(5);
  });

  it.each(examples)('prints what it says: $name', async ({ program, output }) => {
    await using gateway = await startTestGateway();
    const directory = await mkdtemp(join(tmpdir(), 'sluice-example-'));
    try {
      await writeFile(join(directory, 'example.mjs'), program);
      await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
      const { stdout } = await promisify(execFile)(process.execPath, ['example.mjs'], {
        cwd: directory,
        env: {
          ...process.env,
          SLUICE_URL: gateway.url,
          MQTT_URL: gateway.mqttUrl,
        },
      });
      expect(stdout).toBe(output);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
