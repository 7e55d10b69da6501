import {
  graphql,
  parse,
  printSchema,
  subscribe,
  validateSchema,
  type GraphQLSchema,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { subgraphSdl } from '../../schema/federation.ts';
import { createSchema } from '../../schema/schema.ts';
import { createBroker } from '../../src/broker/broker.ts';
import { createMemoryLog } from '../../src/log/memory-log.ts';
import { arrivalOf } from '../support/arrival.ts';
import { contextOf } from '../support/schema-context.ts';

function oneDevice() {
  const log = createMemoryLog({ maxDevices: 10, historySize: 10 });
  const broker = createBroker({ queueSize: 10, overflow: 'DROP_NEWEST', history: log });
  log.append(arrivalOf('a', { payload: '1' }));
  return { broker, log };
}

function ask(schema: GraphQLSchema, source: string) {
  const { broker, log } = oneDevice();
  return graphql({ schema, source, contextValue: contextOf(broker, { log }) });
}

describe('a schema with federation', () => {
  const plain = createSchema();
  const federated = createSchema({ federation: true });

  it('is valid, and has everything of the other one', () => {
    expect(validateSchema(federated)).toEqual([]);
    const added = Object.keys(federated.getTypeMap()).filter((name) => !plain.getType(name));
    expect(added.toSorted()).toEqual(['_Any', '_Entity', '_Service']);
    const fields = Object.keys(federated.getQueryType()!.getFields());
    const plainFields = Object.keys(plain.getQueryType()!.getFields());
    expect(fields.toSorted()).toEqual(['_service', '_entities', ...plainFields].toSorted());
  });

  it('tells of itself as the contract with directives alone', () => {
    const [link, ...rest] = subgraphSdl(federated).split('\n\n');
    expect(link).toMatch(/^extend schema @link\(/);
    const contract = rest.join('\n\n').replaceAll(/ (?:@key\(fields: "id"\)|@shareable) \{/g, ' {');
    const { definitions } = parse(contract, { noLocation: true });
    expect(definitions).toEqual(parse(printSchema(plain), { noLocation: true }).definitions);
  });

  it('leaves another schema of its process without federation', async () => {
    const keys = '_entities(representations: [{ __typename: "Device", id: "a" }]) { __typename }';
    expect(await ask(federated, `{ _service { sdl } ${keys} }`)).toEqual({
      data: { _service: { sdl: subgraphSdl(federated) }, _entities: [{ __typename: 'Device' }] },
    });
    const { errors } = await ask(plain, `{ _service { sdl } ${keys} }`);
    expect(errors?.map(({ message }) => message)).toEqual([
      expect.stringContaining('Cannot query field "_service" on type "Query".'),
      expect.stringContaining('Cannot query field "_entities" on type "Query".'),
    ]);
  });
});

describe('two schemas of one process', () => {
  it.each([
    ['without federation', {}],
    ['with federation', { federation: true }],
  ])('run side by side: one %s', async (_name, options) => {
    const schema = createSchema(options);
    expect(createSchema(options).getType('Device')).not.toBe(schema.getType('Device'));
    expect(await ask(schema, '{ device(id: "a") { id messages { topic } } }')).toEqual({
      data: { device: { id: 'a', messages: [{ topic: 'devices/a/messages' }] } },
    });
    const { broker, log } = oneDevice();
    const results = (await subscribe({
      schema,
      document: parse('subscription { deviceMessages(deviceIds: ["a"], replay: 1) { deviceId } }'),
      contextValue: contextOf(broker, { log }),
    })) as AsyncIterableIterator<unknown>;
    const { value } = await results.next();
    expect(value).toEqual({ data: { deviceMessages: { deviceId: 'a' } } });
    broker.close('SHUTTING_DOWN');
  });
});
