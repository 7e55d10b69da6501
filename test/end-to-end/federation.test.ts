import { readFile } from 'node:fs/promises';
import {
  composeServices,
  transformSupergraphToPublicSchema,
} from '@theguild/federation-composition';
import { isObjectType, Kind, parse } from 'graphql';
import { afterEach, describe, expect, it } from 'vitest';
import { subgraphSdl } from '../../schema/federation.ts';
import { createSchema } from '../../schema/schema.ts';
import { connectDevice } from '../support/device.ts';
import { openProtocol } from '../support/graphql-transport-ws.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';

const schema = createSchema();
const federated = createSchema({ federation: true });

const clean: Array<() => unknown> = [];
afterEach(async () => {
  for (const end of clean.splice(0).toReversed()) await end();
});

async function startSubgraph(): Promise<TestGateway> {
  const gateway = await startTestGateway({ federation: 'on' });
  clean.push(() => gateway.close());
  return gateway;
}

interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { message: string; path?: unknown; extensions?: { code?: string } }[];
}

async function ask({ url }: TestGateway, query: string, variables = {}): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Answer;
}

const entities = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    __typename
    ... on Device { id lastMessage { payload } }
  }
}`;

/** Somebody else's devices: where they stand, and pages of their own. */
const places = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.4", import: ["@key", "@shareable"])
  type Query { places: PlaceConnection! }
  type PlaceConnection { nodes: [Device!]! pageInfo: PageInfo! }
  type PageInfo @shareable {
    hasNextPage: Boolean!
    hasPreviousPage: Boolean!
    startCursor: String
    endCursor: String
  }
  type Device @key(fields: "id") { id: ID! place: String }
`);

describe('a gateway as a subgraph', () => {
  it('composes with another subgraph by the SDL that it serves', async () => {
    const gateway = await startSubgraph();
    const { data } = await ask(gateway, '{ _service { sdl } }');
    const { sdl } = data!['_service'] as { sdl: string };
    const { supergraphSdl, errors } = composeServices([
      { name: 'sluice', url: `${gateway.url}/graphql`, typeDefs: parse(sdl) },
      { name: 'places', url: 'http://places.example/graphql', typeDefs: places },
    ]);
    expect(errors).toBeUndefined();
    const composed = transformSupergraphToPublicSchema(parse(supergraphSdl!));
    const names = composed.definitions.flatMap((definition) =>
      definition.kind === Kind.OBJECT_TYPE_DEFINITION && definition.name.value === 'Device'
        ? (definition.fields ?? []).map(({ name }) => name.value)
        : [],
    );
    const deviceType = schema.getType('Device');
    const own = isObjectType(deviceType) ? Object.keys(deviceType.getFields()) : [];
    expect(names.toSorted()).toEqual([...own, 'place'].toSorted());
    expect(supergraphSdl).toContain('@join__type(graph: SLUICE, key: "id")');
  });

  it('composes with the subgraph of docs/federation.md', async () => {
    const page = await readFile(new URL('../../docs/federation.md', import.meta.url), 'utf8');
    const [, shown = ''] = /```graphql\n(.*?)```/s.exec(page) ?? [];
    const { errors } = composeServices([
      { name: 'sluice', url: 'http://sluice.example', typeDefs: parse(subgraphSdl(federated)) },
      { name: 'places', url: 'http://places.example', typeDefs: parse(shown) },
    ]);
    expect(errors).toBeUndefined();
    expect(shown).toContain('type Device @key(fields: "id")');
  });

  it('resolves the devices that it has heard, in the order of the keys', async () => {
    const gateway = await startSubgraph();
    await using device = await connectDevice(gateway.mqttUrl);
    await device.publish('devices/a/messages', '1');
    await device.publish('devices/b/messages', '12345678901234567890');
    await gateway.until(({ devicesKnown }) => devicesKnown === 2);
    const representations = ['b', 'never-heard', 'a'].map((id) => ({ __typename: 'Device', id }));
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: entities, variables: { representations } }),
    });
    // As text, which has all digits.
    expect(await response.text()).toBe(
      '{"data":{"_entities":[' +
        '{"__typename":"Device","id":"b","lastMessage":{"payload":12345678901234567890}},' +
        'null,' +
        '{"__typename":"Device","id":"a","lastMessage":{"payload":1}}]}}',
    );
  });

  it('refuses what is no key, and only that', async () => {
    const gateway = await startSubgraph();
    await using device = await connectDevice(gateway.mqttUrl);
    await device.publish('devices/a/messages', '1');
    await gateway.until(({ devicesKnown }) => devicesKnown === 1);
    const wrong = [{ __typename: 'Place', id: 'a' }, { __typename: 'Device' }, 'a', []];
    const representations = [...wrong, { __typename: 'Device', id: 'a' }];
    const { data, errors } = await ask(gateway, entities, { representations });
    expect(data!['_entities']).toEqual([
      ...wrong.map(() => null),
      { __typename: 'Device', id: 'a', lastMessage: { payload: 1 } },
    ]);
    expect(errors?.map(({ path, extensions }) => [path, extensions?.code])).toEqual(
      wrong.map((_, i) => [['_entities', i], 'BAD_USER_INPUT']),
    );
  });

  it('refers from each message of a subscription to its device, as a router asks for it', async () => {
    const gateway = await startSubgraph();
    await using device = await connectDevice(gateway.mqttUrl);
    await using client = await openProtocol(gateway.webSocketUrl);
    client.subscribe(
      '1',
      'subscription { deviceMessages(deviceIds: ["a"]) { payload device { __typename id } } }',
    );
    await gateway.until(({ activeSubscribers }) => activeSubscribers === 1);
    await device.publish('devices/a/messages', '1');
    const key = { __typename: 'Device', id: 'a' };
    expect(await client.next()).toMatchObject({
      payload: { data: { deviceMessages: { payload: 1, device: key } } },
    });
    // What a router then asks of the other subgraphs, asked of this one.
    const { data } = await ask(
      gateway,
      'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Device { lastMessage { payload device { __typename id } } } } }',
      { of: [key] },
    );
    expect(data!['_entities']).toEqual([{ lastMessage: { payload: 1, device: key } }]);
  });

  it('serves subscriptions as any other gateway', async () => {
    const gateway = await startSubgraph();
    await using device = await connectDevice(gateway.mqttUrl);
    await device.publish('devices/a/messages', '1');
    await gateway.until(({ devicesKnown }) => devicesKnown === 1);
    const query = 'subscription { deviceMessages(deviceIds: ["a"], replay: 1) { payload } }';
    const response = await fetch(`${gateway.url}/graphql?query=${encodeURIComponent(query)}`, {
      headers: { accept: 'text/event-stream' },
    });
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.includes('{"data":{"deviceMessages":{"payload":1}}}')) break;
    }
    expect(text).toContain('event: next');
  });
});

describe('a gateway without federation', () => {
  it('knows nothing of it', async () => {
    const gateway = await startTestGateway();
    clean.push(() => gateway.close());
    const { errors } = await ask(gateway, '{ _service { sdl } }');
    expect(errors?.[0]?.extensions?.code).toBe('GRAPHQL_VALIDATION_FAILED');
  });
});
