import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

const manifest = (folder: string): Manifest =>
  JSON.parse(
    readFileSync(join(import.meta.dirname, '..', folder, 'package.json'), 'utf8'),
  ) as Manifest;

it('all packages have one version, and take the same releases of what both run on', () => {
  const [gateway, client, dashboard] = [manifest('.'), manifest('client'), manifest('client/web')];
  expect(client.version).toBe(gateway.version);
  expect(dashboard.version).toBe(gateway.version);
  expect(dashboard.dependencies['sluice-client']).toBe(client.version);
  expect(gateway.dependencies).toMatchObject(client.dependencies);
});
