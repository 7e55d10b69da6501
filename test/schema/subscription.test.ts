import { parse, subscribe } from 'graphql';
import { expect, it } from 'vitest';
import { schema } from '../../schema/schema.ts';
import { createBroker } from '../../src/broker/broker.ts';
import { contextOf } from '../support/schema-context.ts';

function subscribeTo(deviceIds: readonly string[], maxDeviceIds: number) {
  const broker = createBroker({ queueSize: 10, overflow: 'DROP_NEWEST' });
  const contextValue = contextOf(broker, { limits: { maxDeviceIds, queueSize: 10 } });
  const document = parse(
    'subscription ($ids: [ID!]!) { deviceMessages(deviceIds: $ids) { deviceId } }',
  );
  const variableValues = { ids: deviceIds };
  return { broker, result: subscribe({ schema, document, variableValues, contextValue }) };
}

it('counts a device that is named twice once, against the limit too', async () => {
  const { broker, result } = subscribeTo(['a', 'a', 'b'], 2);
  expect(await result).not.toHaveProperty('errors');
  expect(broker.devicesMonitored).toBe(2);
  broker.close('SHUTTING_DOWN');
});

it('refuses more devices than the limit', async () => {
  const { broker, result } = subscribeTo(['a', 'b', 'c'], 2);
  expect(await result).toMatchObject({
    errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
  });
  expect(broker.counters.activeSubscribers).toBe(0);
});
