import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const script = resolve(import.meta.dirname, '../../scripts/install-test-servers.sh');

/** What the script itself calls. */
const ownTools = ['cat', 'chmod', 'mktemp', 'rm'];

/** A machine without curl, Chromium and Java, whose apt-get writes down how it was called. */
async function bareMachine({ user, aptGet = 'exit 0' }: { user: number; aptGet?: string }) {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-path-'));
  const calls = join(folder, 'calls');
  const put = async (name: string, body: string): Promise<void> => {
    await writeFile(join(folder, name), `#!/bin/sh\n${body}\n`);
    await chmod(join(folder, name), 0o755);
  };
  for (const tool of ownTools) {
    const path = ['/usr/bin', '/bin'].map((at) => join(at, tool)).find((at) => existsSync(at));
    await symlink(path!, join(folder, tool));
  }
  await put('id', `echo ${user}`);
  await put('apt-get', `echo "$*" >>'${calls}'; ${aptGet}`);
  return {
    run(env: Readonly<Record<string, string>> = {}) {
      const { status, stderr, stdout } = spawnSync('/bin/sh', [script], {
        env: { PATH: folder, ...env },
        encoding: 'utf8',
      });
      return { status, stderr, stdout };
    },
    calls: () => readFile(calls, 'utf8').catch(() => ''),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

describe('the installation of what the tests start', () => {
  it('says what it installs before it does', async () => {
    await using machine = await bareMachine({ user: 0, aptGet: 'echo "E: no network"; exit 100' });
    const { status, stderr, stdout } = machine.run();
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(
      /running "apt-get update && apt-get install .* chromium curl .*".*SLUICE_TEST_INSTALL=off[^]*E: no network/,
    );
  });

  it('updates and installs', async () => {
    await using machine = await bareMachine({ user: 0 });
    expect(machine.run().status).toBe(0);
    expect(await machine.calls()).toMatch(
      /^update\ninstall -y --no-install-recommends .*chromium curl.*\n$/,
    );
  });

  it('installs nothing with SLUICE_TEST_INSTALL=off, and says how to get it', async () => {
    await using machine = await bareMachine({ user: 0 });
    const { status, stderr } = machine.run({ SLUICE_TEST_INSTALL: 'off' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/run "apt-get update && apt-get install .* chromium curl .*"/);
    expect(stderr).toContain('npm run test:unit');
    expect(await machine.calls()).toBe('');
  });

  it('installs nothing as another user than root, and says how to get it', async () => {
    await using machine = await bareMachine({ user: 1000 });
    const { status, stderr } = machine.run();
    expect(status).toBe(1);
    expect(stderr).toMatch(/run "sudo apt-get update && sudo apt-get install .* chromium curl .*"/);
    expect(await machine.calls()).toBe('');
  });
});
