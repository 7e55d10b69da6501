import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDevice } from '../support/device.ts';
import { freePort } from '../support/free-port.ts';
import { startTestGateway } from '../support/gateway.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { post } from '../support/multipart.ts';
import {
  installApplication,
  packPackages,
  type Application,
  type PackedPackages,
} from '../support/packed-package.ts';
import { openStreams, streamKinds } from '../support/streams.ts';
import { until } from '../support/until.ts';

/** What else an application has. npm puts its copies where the gateway's own would have been. */
const others = [
  '@graphql-typed-document-node/core@3.2.0',
  '@pothos/core@4.15.1',
  '@types/node@24.19.2',
  'graphql-scalars@2.0.0',
  'graphql-sse@2.6.1',
  'graphql-ws@6.4.2',
  'ws@8.18.3',
];

const library = `
import { createGateway } from 'sluice';

const gateway = createGateway({ port: 0, embeddedMqttPort: 0, simulatedDevices: 1 });
await gateway.start();
for await (const message of gateway.subscribe({ deviceIds: ['tracker-001'] })) {
  console.log(message.deviceId);
  break;
}
await gateway.close();
`;

const typed = `
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import type { DocumentNode } from 'graphql';
import { createGateway } from 'sluice';
import { BrokerStatsDocument, createSluiceClient } from 'sluice/client';

declare const own: TypedDocumentNode<{ devices: { totalCount: number } }, { first: number }>;
declare function otherClient<Data, Variables>(
  document: DocumentNode | TypedDocumentNode<Data, Variables>,
  variables: NoInfer<Variables>,
): Data;

const client = createSluiceClient({ url: createGateway({}).url });
const { devices } = await client.query(own, { first: 1 });
devices.totalCount satisfies number;
for await (const { devices } of client.subscribe(own, { first: 1 })) devices.totalCount satisfies number;
const { brokerStats } = otherClient(BrokerStatsDocument, {});
brokerStats?.version satisfies string | undefined;
// @ts-expect-error -- a variable is missing
await client.query(own, {});
// @ts-expect-error -- a field that was not selected
brokerStats?.nothing;
`;

const releases = ['16.11.0', '16.15.0', '17.1.0'];
let packed: PackedPackages;
let applications: ReadonlyMap<string, Application>;

beforeAll(async () => {
  packed = await packPackages();
  const installed = releases.map(async (release): Promise<[string, Application]> => [
    release,
    await installApplication([`graphql@${release}`, ...others, packed.sluice]),
  ]);
  applications = new Map(await Promise.all(installed));
}, 240_000);
afterAll(async () => {
  for (const application of applications.values()) await application[Symbol.asyncDispose]();
  await packed[Symbol.asyncDispose]();
});

describe.each(releases)('beside graphql %s', (release) => {
  let application: Application;
  beforeAll(() => {
    application = applications.get(release)!;
  });

  it('the application keeps its own graphql', async () => {
    const own = await readFile(application.path('node_modules/graphql/package.json'), 'utf8');
    expect(JSON.parse(own)).toMatchObject({ version: release });
  });

  it('npm installs neither graphql-yoga nor a package of its own for GraphiQL', async () => {
    const lock = await readFile(application.path('package-lock.json'), 'utf8');
    expect(lock).toContain('node_modules/mqtt"');
    expect(lock).not.toContain('yoga');
  });

  it('sluice serve answers over every transport, and has its pages', async () => {
    const mqttPort = await freePort();
    await using gateway = await startGatewayProcess(
      { SLUICE_EMBEDDED_MQTT_PORT: String(mqttPort), SLUICE_SIMULATED_DEVICES: '0' },
      [application.path('node_modules/.bin/sluice')],
    );
    await using device = await connectDevice(`mqtt://127.0.0.1:${mqttPort}`);
    const publish = () => device.publish('devices/a/messages', '{"speed":42.5}');

    const streams = await openStreams(streamKinds, gateway, ['a']);
    await using stack = new AsyncDisposableStack();
    for (const stream of streams) stack.use(stream);
    // So many that graphql-jit has compiled the selection.
    await until(
      'every stream brings messages',
      async () => {
        await publish();
        return streams.every(({ received }) => received > 50);
      },
      () => streams.map(({ received }) => received),
    );
    for (const stream of streams) {
      expect(await stream.take(1)).toMatchObject([{ deviceId: 'a' }]);
    }

    const response = await post(gateway, {
      query: '{ devices { nodes { id lastSeenAt lastMessage { payload position } } } }',
    });
    expect(await response.json()).toMatchObject({
      data: { devices: { nodes: [{ id: 'a', lastMessage: { payload: { speed: 42.5 } } }] } },
    });
    for (const [path, title] of [
      ['/', 'Sluice'],
      ['/graphql', 'YogaGraphiQL'],
    ] as const) {
      const page = await fetch(gateway.url + path, { headers: { accept: 'text/html' } });
      expect(page.status).toBe(200);
      expect(await page.text()).toContain(title);
    }
  });

  it('sluice schema prints the SDL', async () => {
    const sdl = await readFile(new URL('../../schema/schema.graphql', import.meta.url), 'utf8');
    expect(await application.command('sluice', ['schema'])).toBe(sdl);
  });

  it('createGateway runs in a program of the application', async () => {
    await application.write('library.js', library);
    expect(await application.node('library.js')).toBe('tracker-001\n');
  });

  it.each([
    ['nodenext', '--module', 'nodenext'],
    ['bundler', '--module', 'esnext', '--moduleResolution', 'bundler'],
  ])('its declarations are right with module resolution %s', async (_, ...args) => {
    await application.write('typed.ts', typed);
    const all = [...args, '--target', 'es2023', '--lib', 'es2024,esnext.disposable,dom'];
    expect(await application.compile('--types', 'node', ...all, 'typed.ts')).toBe('');
  });
});

const clientProgram = `
import { createSluiceClient } from 'sluice-client';
import { connect } from 'sluice-client/graphql-ws';

const [url, transport] = process.argv.slice(2);
const client = createSluiceClient({ url, transport });
for await (const message of client.deviceMessages({ deviceIds: ['a'], replay: 1 })) {
  console.log(message.deviceId, transport);
  break;
}
await client.close();
const connection = connect(url);
const query = 'subscription { deviceMessages(deviceIds: ["a"], replay: 1) { deviceId position } }';
for await (const { data } of connection.iterate({ query })) {
  console.log(data.deviceMessages.deviceId, 'graphql-ws');
  break;
}
await connection.dispose();
`;

const clientTypes = `
import { createSluiceClient, SluiceError, type DeviceMessage } from 'sluice-client';
import { connect } from 'sluice-client/graphql-ws';
import { shownStats } from 'sluice-client/stats';

const client = createSluiceClient({ url: 'http://127.0.0.1:4000' });
for await (const message of client.deviceMessages({ deviceIds: ['a'] })) {
  message satisfies DeviceMessage;
}
connect('http://127.0.0.1:4000').status.state satisfies string;
shownStats[0]?.title satisfies string | undefined;
new SluiceError('no', 'FORBIDDEN').code satisfies string;
`;

const clientPage = `
import { createSluiceClient } from 'sluice-client';
import { connect } from 'sluice-client/graphql-ws';

globalThis.sluice = { createSluiceClient, connect };
`;

describe('sluice-client alone', () => {
  let application: Application;
  beforeAll(async () => {
    application = await installApplication([packed.client]);
  }, 120_000);
  afterAll(() => application[Symbol.asyncDispose]());

  it('brings no broker, no server and no logger along', async () => {
    const lock = await readFile(application.path('package-lock.json'), 'utf8');
    const installed = Object.keys((JSON.parse(lock) as { packages: object }).packages);
    expect(installed.toSorted()).toEqual([
      '',
      'node_modules/graphql',
      'node_modules/graphql-sse',
      'node_modules/graphql-ws',
      'node_modules/sluice-client',
    ]);
  });

  it('has the contract, for generators', async () => {
    const sdl = await readFile(new URL('../../schema/schema.graphql', import.meta.url), 'utf8');
    const path = 'node_modules/sluice-client/dist/schema.graphql';
    expect(await readFile(application.path(path), 'utf8')).toBe(sdl);
  });

  it.each(['ws', 'sse'])('gets messages over %s', async (transport) => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await device.publish('devices/a/messages', '1');
    await gateway.until(({ totalMessagesProcessed }) => totalMessagesProcessed === 1);
    await application.write('client.js', clientProgram);
    expect(await application.node('client.js', gateway.url, transport)).toBe(
      `a ${transport}\na graphql-ws\n`,
    );
  });

  it.each([
    ['nodenext', '--module', 'nodenext'],
    ['bundler', '--module', 'esnext', '--moduleResolution', 'bundler'],
  ])('its declarations are right with module resolution %s', async (_, ...args) => {
    await application.write('client.ts', clientTypes);
    const lib = ['--target', 'es2023', '--lib', 'es2024,esnext.disposable,dom'];
    expect(await application.compile(...args, ...lib, 'client.ts')).toBe('');
  });

  it('goes into a page with Vite, and takes no graphql along', async () => {
    await application.write('page.js', clientPage);
    const bundle = await build({
      configFile: false,
      logLevel: 'error',
      root: application.path('.'),
      build: {
        write: false,
        modulePreload: false,
        rolldownOptions: { input: application.path('page.js') },
      },
    });
    const [chunk] = 'output' in bundle ? bundle.output : [];
    const modules = chunk!.moduleIds.join('\n');
    expect(modules).toContain('node_modules/sluice-client/dist/graphql-ws.js');
    expect(modules).not.toContain('node_modules/graphql/');
    expect(gzipSync(chunk!.code, { level: 9 }).length).toBeLessThan(20_000);
  });
});
