import { contextOf } from '../support/schema-context.ts';
import type { ExecutionResult } from 'graphql';
import { describe, expect, it } from 'vitest';
import { limitExceeded } from '../../schema/errors.ts';
import type { SchemaContext } from '../../schema/builder.ts';
import { createSchema } from '../../schema/schema.ts';
import { createBroker, type Broker } from '../../src/broker/broker.ts';
import { QueuedSubscription } from '../../src/broker/queued-subscription.ts';
import { createDocumentCache } from '../../src/document/document-cache.ts';
import { performOperation } from '../../src/delivery/perform-operation.ts';
import { prepareOperation, type OperationRequest } from '../../src/document/operation.ts';
import type { Outcome } from '../../src/delivery/outcome.ts';
import type { Answer } from '../../src/delivery/answer.ts';
import type { Selections } from '../../src/delivery/selections.ts';
import type { BrokerStats } from '../../src/metrics/broker-stats.ts';
import { createHolder } from '../support/holder.ts';
import { createMessages } from '../support/messages.ts';
import { operationServices } from '../support/operation-services.ts';
import { settlesInThisTurn } from '../support/turn.ts';

const schema = createSchema();

const check = createDocumentCache(schema);
const holder = createHolder();
const prepare = (request: OperationRequest) => prepareOperation(check, request);

const following = 'subscription { deviceMessages(deviceIds: ["a"]) { deviceId } }';

/** The messages and the codes of the errors of what was refused. */
function refusals(errors: ExecutionResult['errors']): [string, unknown][] {
  return (errors ?? []).map(({ message, extensions }) => [message, extensions['code']]);
}

describe('performOperation', () => {
  it('has the one result of a query', async () => {
    const { perform } = open();
    const outcome = await perform({ query: '{ brokerStats { version } }' });
    expect(outcome).toMatchObject({
      kind: 'answer',
      answer: { text: '{"data":{"brokerStats":{"version":"v1"}}}', hasData: true, errors: [] },
    });
  });

  it('has a result with the error of a query whose resolver fails', async () => {
    const { perform } = open({
      stats: () => {
        throw new Error('no stats');
      },
    });
    const outcome = await perform({ query: '{ brokerStats { version } }' });
    expect(outcome).toMatchObject({
      kind: 'answer',
      answer: { hasData: true, errors: [{ message: 'no stats', path: ['brokerStats'] }] },
    });
  });

  it('has a subscription to device messages, and the selection that all of its kind share', async () => {
    const { perform, selections, broker } = open();
    const one = messages(await perform({ query: following }));
    const other = messages(await perform({ query: following.replace('"a"', '"b"') }));
    expect(one.subscription).toBeInstanceOf(QueuedSubscription);
    expect(one.subscription.deviceIds).toEqual(['a']);
    expect(other.subscription.deviceIds).toEqual(['b']);
    expect(other.selection).toBe(one.selection);
    expect(broker.counters.byTransport.library.activeSubscribers).toBe(2);
    selections.release(one.selection, holder);
    selections.release(other.selection, holder);
    expect(selections.size).toBe(0);
  });

  it('has registered the subscription when it is there', async () => {
    const { perform, broker } = open();
    const { subscription, selection } = messages(await perform({ query: following }));
    const message = createMessages()('a');
    broker.publish(message);
    expect((await subscription.next()).value).toBe(message);
    expect(selection.text(message, null)).toBe('{"data":{"deviceMessages":{"deviceId":"a"}}}');
  });

  it('hands the arguments over, and who asks', async () => {
    const { perform } = open();
    const { subscription } = messages(
      await perform({
        query:
          'subscription ($ids: [ID!]!, $max: Int = 3) { deviceMessages(deviceIds: $ids, maxQueued: $max, overflow: LATEST) { deviceId } }',
        variables: { ids: ['a', 7, 'a'] },
      }),
    );
    expect(subscription).toMatchObject({
      deviceIds: ['a', '7'],
      maxQueued: 3,
      overflow: 'LATEST',
      caller: { who: 'test' },
    });
  });

  it('has the policy and the queue of the broker for a null', async () => {
    const { perform } = open();
    const { subscription } = messages(
      await perform({
        query:
          'subscription { deviceMessages(deviceIds: ["a"], maxQueued: null, overflow: null) { deviceId } }',
      }),
    );
    expect(subscription).toMatchObject({ maxQueued: 10, overflow: 'DROP_OLDEST' });
  });

  it.each([
    ['no device', '[]', '', /^deviceIds must name at least one device/],
    ['more devices than allowed', '["a", "b", "c", "d"]', '', /^deviceIds names 4 devices/],
    ['an empty device id', '["a", ""]', '', /^A device id has 1 to 256 characters/],
    ['a control character', String.raw`["a\u0000"]`, '', /^A device id has 1 to 256 characters/],
    ['a queue of nothing', '["a"]', ', maxQueued: 0', /^maxQueued must be from 1 to 10/],
    ['a queue too long', '["a"]', ', maxQueued: 11', /^maxQueued must be from 1 to 10/],
  ])('has errors, no data and no subscription for %s', async (_what, ids, more, message) => {
    const { perform, broker, selections } = open();
    const result = refused(
      await perform({
        query: `subscription { m: deviceMessages(deviceIds: ${ids}${more}) { deviceId } }`,
      }),
    );
    expect(refusals(result.errors)).toEqual([[expect.stringMatching(message), 'BAD_USER_INPUT']]);
    expect(result.errors[0]!.path).toEqual(['m']);
    expect(broker.counters.byTransport.library.activeSubscribers).toBe(0);
    expect(selections.size).toBe(0);
  });

  it('has errors and no data for variables that are not what they were declared to be', async () => {
    const { perform, broker } = open();
    const result = refused(
      await perform({
        query:
          'subscription ($ids: [ID!]!, $x: Boolean!) { deviceMessages(deviceIds: $ids) { deviceId @skip(if: $x) } }',
        variables: { ids: null, x: 'yes' },
      }),
    );
    expect(refusals(result.errors)).toEqual([
      [expect.stringContaining('"$ids"'), 'BAD_USER_INPUT'],
      [expect.stringContaining('"$x"'), 'BAD_USER_INPUT'],
    ]);
    expect(result).not.toHaveProperty('data');
    expect(broker.counters.byTransport.library.activeSubscribers).toBe(0);
  });

  it('has BAD_USER_INPUT for a null in the place of a default that the argument needs', async () => {
    const { perform } = open();
    const result = refused(
      await perform({
        query: 'subscription ($ids: [ID!] = ["a"]) { deviceMessages(deviceIds: $ids) { topic } }',
        variables: { ids: null },
      }),
    );
    expect(refusals(result.errors)).toEqual([
      [expect.stringContaining('must not be null'), 'BAD_USER_INPUT'],
    ]);
  });

  it('has the refusal of a client that has as much open as it may', async () => {
    const { perform, broker } = open({
      quota: { messages: () => limitExceeded('enough'), stats: () => undefined },
    });
    const result = refused(await perform({ query: following }));
    expect(refusals(result.errors)).toEqual([['enough', 'LIMIT_EXCEEDED']]);
    expect(broker.counters.byTransport.library.activeSubscribers).toBe(0);
  });

  it('has the results of any other subscription one by one', async () => {
    const { perform, selections } = open();
    const outcome = await perform({
      query: 'subscription { now: brokerStats(intervalMs: 3600000) { version } }',
    });
    if (outcome.kind !== 'results') throw new Error(`it is ${outcome.kind}`);
    const first = await outcome.results.next();
    expect(first.value).toBe('{"data":{"now":{"version":"v1"}}}');
    expect(selections.size).toBe(1);
    await outcome.results.return!();
    expect(selections.size).toBe(0);
  });

  it('ends the results while one is being waited for', async () => {
    const { perform } = open();
    const outcome = await perform({
      query: 'subscription { brokerStats(intervalMs: 3600000) { version } }',
    });
    if (outcome.kind !== 'results') throw new Error(`it is ${outcome.kind}`);
    await outcome.results.next();
    const waiting = outcome.results.next();
    expect(await settlesInThisTurn(waiting)).toBe(false);
    expect(await settlesInThisTurn(outcome.results.return!())).toBe(true);
    expect(await waiting).toEqual({ value: undefined, done: true });
  });

  it.each([99, 3_600_001, -1])('refuses stats every %i milliseconds', async (intervalMs) => {
    const { perform } = open();
    const result = refused(
      await perform({
        query: `subscription { brokerStats(intervalMs: ${intervalMs}) { version } }`,
      }),
    );
    expect(refusals(result.errors)).toEqual([
      [`intervalMs must be from 100 to 3600000; it is ${intervalMs}.`, 'BAD_USER_INPUT'],
    ]);
  });
});

/** Operations of one client of a gateway that has nothing but a broker. */
function open(context: Partial<SchemaContext> = {}): {
  broker: Broker;
  selections: Selections;
  perform: (request: OperationRequest) => Promise<Outcome>;
} {
  const broker = createBroker({ queueSize: 10, overflow: 'DROP_OLDEST' });
  const services = operationServices();
  return {
    broker,
    selections: services.selections,
    async perform(request) {
      const prepared = prepare(request);
      if (!prepared.ok) throw new Error(`it was refused: ${prepared.errors[0]!.message}`);
      return performOperation(
        services,
        prepared.operation,
        contextOf(broker, {
          stats: () => ({ version: 'v1' }) as BrokerStats,
          limits: { maxDeviceIds: 3, queueSize: 10 },
          ...context,
        }),
        holder,
      );
    },
  };
}

function messages(outcome: Outcome): Extract<Outcome, { kind: 'messages' }> {
  if (outcome.kind !== 'messages') throw new Error(`it is ${outcome.kind}`);
  return outcome;
}

function refused(outcome: Outcome): Answer {
  if (outcome.kind !== 'answer') throw new Error(`it is ${outcome.kind}`);
  expect(outcome.answer.hasData).toBe(false);
  return outcome.answer;
}
