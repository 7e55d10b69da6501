import { parse, subscribe } from 'graphql';
import { expect, it } from 'vitest';
import { createSchema } from '../../schema/schema.ts';
import { createBroker } from '../../src/broker/broker.ts';
import { contextOf } from '../support/schema-context.ts';

const schema = createSchema();

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
  expect(broker.counters.byTransport.library.activeSubscribers).toBe(0);
});

it('looks at each device that its transport resumes a fixed number of times, however many it is given in after', async () => {
  let looks = 0;
  const seen = {
    of() {
      looks += 1;
      return null;
    },
  };
  const ids = Array.from({ length: 100 }, (_, i) => `d${i}`);
  const document = parse(`subscription ($ids: [ID!]!, $after: [DevicePosition!]) {
    deviceMessages(deviceIds: $ids, after: $after) { deviceId }
  }`);
  const subscribeBehind = async (entries: number): Promise<number> => {
    looks = 0;
    const broker = createBroker({ queueSize: 10, overflow: 'DROP_NEWEST' });
    const limits = { maxDeviceIds: 100, queueSize: 10 };
    const contextValue = contextOf(broker, { limits, seen });
    const after = Array.from({ length: entries }, (_, i) => ({
      deviceId: `d${i}`,
      position: 'e-1',
    }));
    const variableValues = { ids, after };
    const result = await subscribe({ schema, document, variableValues, contextValue });
    expect(result).not.toHaveProperty('errors');
    broker.close('SHUTTING_DOWN');
    return looks;
  };
  expect(await subscribeBehind(1)).toBeLessThanOrEqual(200);
  expect(await subscribeBehind(100)).toBeLessThanOrEqual(200);
});
