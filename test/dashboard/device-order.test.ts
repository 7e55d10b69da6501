import { expect, it } from 'vitest';
import { createDeviceOrder } from '../../client/web/state/device-order.ts';

const named = (...names: string[]) => new Map(names.map((name) => [name, undefined]));

it('orders numbers in names by their value', () => {
  const order = createDeviceOrder();
  expect(order.of(named('pump-10', 'pump-9', 'fan', 'pump-1'))).toEqual([
    'fan',
    'pump-1',
    'pump-9',
    'pump-10',
  ]);
});

it('puts in those who come, and takes out those who go', () => {
  const order = createDeviceOrder();
  order.of(named('b', 'd'));
  expect(order.of(named('a', 'b', 'c', 'd'))).toEqual(['a', 'b', 'c', 'd']);
  expect(order.of(named('c', 'a'))).toEqual(['a', 'c']);
  expect(order.of(named('c', 'b'))).toEqual(['b', 'c']);
  expect(order.of(named())).toEqual([]);
});

it('is the same list while the names are the same', () => {
  const order = createDeviceOrder();
  const first = order.of(named('b', 'a'));
  expect(order.of(named('a', 'b'))).toBe(first);
});
