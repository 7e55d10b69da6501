import { afterEach, describe, expect, it, vi } from 'vitest';
import { AnswerBudget } from '../../schema/answer-budget.ts';
import { createSchema } from '../../schema/schema.ts';
import { createBroker } from '../../src/broker/broker.ts';
import type { Answer } from '../../src/delivery/answer.ts';
import { createDocumentCache } from '../../src/document/document-cache.ts';
import { performOperation } from '../../src/delivery/perform-operation.ts';
import { prepareOperation, type OperationRequest } from '../../src/document/operation.ts';
import { createMemoryLog } from '../../src/log/memory-log.ts';
import { createHolder } from '../support/holder.ts';
import { operationServices } from '../support/operation-services.ts';
import { contextOf } from '../support/schema-context.ts';

const schema = createSchema();

const devices = 50;
const kept = 10;
const check = createDocumentCache(schema);

afterEach(() => {
  vi.restoreAllMocks();
});

/** A gateway with the messages of some devices, that tells how many of them an operation has read. */
function open(maxFields: number): {
  perform: (request: OperationRequest) => Promise<Answer>;
  read: () => number;
  refused: () => number;
} {
  const log = createMemoryLog({ maxDevices: devices, historySize: kept });
  for (let n = 0; n < devices * kept; n += 1) {
    const deviceId = `device-${n % devices}`;
    log.append({
      deviceId,
      topic: 't',
      payload: `${n}`,
      payloadBytes: 3,
      receivedAt: 0,
      atMostOnce: false,
      retained: false,
    });
  }
  const readAfter = vi.spyOn(log, 'readAfter');
  const services = operationServices();
  return {
    read: () =>
      readAfter.mock.results.reduce((sum, { value }) => sum + (value as unknown[]).length, 0),
    refused: () => services.refusals.counts.ANSWER_SIZE,
    async perform(request) {
      const prepared = prepareOperation(check, request);
      if (!prepared.ok) throw prepared.errors[0];
      const outcome = await performOperation(
        services,
        prepared.operation,
        contextOf(createBroker({ queueSize: 1, overflow: 'DROP_NEWEST' }), {
          log,
          budget: new AnswerBudget(maxFields),
          limits: { maxDeviceIds: 100, queueSize: 1 },
        }),
        createHolder(),
      );
      if (outcome.kind !== 'answer') throw new Error(`it is ${outcome.kind}`);
      return outcome.answer;
    },
  };
}

const names = (count: number, field: string): string =>
  Array.from({ length: count }, (_, n) => `a${n}: ${field}`).join(' ');
const all = '{ devices { nodes { messages { payload } } } }';
/** A device with its messages and their payload, and the same of each message. */
const valuesOfAll = devices * 3 + devices * kept * 2;

describe('an operation', () => {
  it('is answered with all that it asks for when that is as much as it may be', async () => {
    const { perform, read, refused } = open(valuesOfAll);
    const { text, errors } = await perform({ query: all });
    expect(errors).toEqual([]);
    expect(text.match(/"payload"/g)).toHaveLength(devices * kept);
    expect([read(), refused()]).toEqual([devices * kept, 0]);
  });

  it('is answered with one error when it is more, and reads nothing after that', async () => {
    const { perform, read, refused } = open(devices * 3 + 5 * kept * 2);
    const { text, errors, hasData } = await perform({ query: all });
    expect(JSON.parse(text)).toEqual({
      data: null,
      errors: [
        {
          message: expect.stringContaining('at most 250 values') as string,
          extensions: { code: 'LIMIT_EXCEEDED' },
        },
      ],
    });
    expect([errors.length, hasData]).toEqual([1, true]);
    // Those of the device with which it is too much had to be counted.
    expect([read(), refused()]).toEqual([6 * kept, 1]);
  });

  it.each([
    [
      'lists under many names',
      `{ devices { nodes { ${names(40, 'messages(last: 10) { payload }')} } } }`,
    ],
    ['pages under many names', `{ ${names(60, 'devices(first: 50) { nodes { id } }')} }`],
    ['edges', `{ ${names(60, 'devices(first: 50) { edges { cursor } }')} }`],
    [
      'fields in fragments',
      `{ devices { nodes { ...F } } } fragment F on Device { ... { b: lastSeenAt } ${names(70, 'messages(last: 1) { topic }')} }`,
    ],
    [
      'positions under many names',
      `{ ${names(60, 'currentPositions(deviceIds: [1, 2]) { position }')} }`,
    ],
    [
      'messages of the devices of messages',
      `{ device(id: "device-0") { ${'messages { device { '.repeat(100)} id ${'} } '.repeat(100)} } }`,
    ],
  ])('may not ask for more by %s', async (_what, query) => {
    const { perform, refused } = open(valuesOfAll);
    const { text, errors } = await perform({ query });
    expect(errors).toMatchObject([{ extensions: { code: 'LIMIT_EXCEEDED' } }]);
    expect(text.length).toBeLessThan(300);
    expect(refused()).toBe(1);
  });

  it('reads no more of messages within messages than it may resolve', async () => {
    const query = `{ device(id: "device-0") { ${'messages { device { '.repeat(20)} id ${'} } '.repeat(20)} } }`;
    const { perform, read } = open(valuesOfAll);
    expect((await perform({ query })).errors).toMatchObject([
      { extensions: { code: 'LIMIT_EXCEEDED' } },
    ]);
    // Ten to the twentieth, without a bound.
    expect(read()).toBeLessThan(valuesOfAll);
  });

  it('may not have one long variable read under each of many names', async () => {
    // All of them are the same device, so the answers would be few.
    const query = `query ($ids: [ID!]!) { ${names(23, 'currentPositions(deviceIds: $ids) { deviceId }')} }`;
    const { perform, refused } = open(valuesOfAll);
    const perName = valuesOfAll / 23;
    expect((await perform({ query, variables: { ids: Array(perName).fill('1') } })).errors).toEqual(
      [],
    );
    const { errors } = await perform({ query, variables: { ids: Array(perName + 1).fill('1') } });
    expect(errors).toMatchObject([{ extensions: { code: 'LIMIT_EXCEEDED' } }]);
    expect(refused()).toBe(1);
  });
});
