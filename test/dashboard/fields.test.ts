import { beforeEach, describe, expect, it, vi } from 'vitest';
import type * as FieldsState from '../../client/web/state/fields.ts';
import { dashboardMessage } from '../support/dashboard-message.ts';

/** What was found lies in the module: each test has one of its own. */
let state: typeof FieldsState;
beforeEach(async () => {
  vi.resetModules();
  state = await import('../../client/web/state/fields.ts');
});

const found = (value: unknown) => Object.fromEntries(state.numbersIn(value));

describe('the numbers in a payload', () => {
  it('have their paths', () => {
    expect(found({ t: 1, engine: { rpm: 2, name: 'x', on: true }, axes: [3, 4] })).toEqual({
      t: 1,
      'engine.rpm': 2,
      'axes.0': 3,
      'axes.1': 4,
    });
    expect(found(5)).toEqual({ value: 5 });
    expect(found(null)).toEqual({});
  });

  it('are not looked for in long arrays, deep values and long names', () => {
    expect(found({ many: [1, 2, 3, 4, 5, 6, 7, 8, 9] })).toEqual({});
    expect(found({ a: { b: { c: { d: 1 } } } })).toEqual({ 'a.b.c.d': 1 });
    expect(found({ a: { b: { c: { d: { e: 1 } } } } })).toEqual({});
    expect(found({ ['x'.repeat(101)]: 1 })).toEqual({});
  });

  it('are those of the first members alone where there are very many', () => {
    const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`f${n}`, n]));
    expect(Object.keys(found(wide))).toHaveLength(500);
  });
});

describe('the fields that can be charted', () => {
  it('are those that were found, of which the first two likely ones are chosen', () => {
    state.recordFields(dashboardMessage({ id: 7, lat: 1, temperature: 20, rpm: 900, load: 3 }), 0);
    expect(state.fields.value).toEqual(['id', 'lat', 'temperature', 'rpm', 'load']);
    expect([...state.chosenFields.value]).toEqual(['temperature', 'rpm']);
    state.toggleField('rpm');
    state.toggleField('load');
    expect([...state.chosenFields.value]).toEqual(['temperature', 'load']);
  });

  it('are bounded, for one device and for all', () => {
    const payload = (from: number) =>
      Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`f${from + n}`, n]));
    state.recordFields(dashboardMessage(payload(0)), 0);
    expect(state.fields.value).toHaveLength(30);
    for (let n = 1; n < 10; n += 1) {
      state.recordFields(dashboardMessage(payload(n * 100), { deviceId: `d${n}` }), 0);
    }
    expect(state.fields.value).toHaveLength(120);
  });

  it('are gone with the last device that had them', () => {
    state.recordFields(dashboardMessage({ t: 1, u: 1 }), 1_000);
    state.recordFields(dashboardMessage({ t: 2 }, { deviceId: 'b' }), 2_000);
    state.forgetFieldsOf('a');
    expect(state.fields.value).toEqual(['t']);
    expect([...state.chosenFields.value]).toEqual(['t']);
    expect(state.seriesOf('u')).toBeUndefined();
    expect(state.seriesOf('t')?.columns(['b'])).toEqual([[2], [2]]);
  });

  it('are interrupted where messages were missed', () => {
    state.recordFields(dashboardMessage({ t: 1 }), 1_000);
    const gap = { missed: 3, reason: 'QUEUE_OVERFLOW' } as const;
    state.recordFields(dashboardMessage({ t: 2 }, { gap }), 5_000);
    expect(state.seriesOf('t')?.gaps('a')).toEqual([{ deviceId: 'a', from: 1, to: 5 }]);
    expect(state.seriesOf('t')?.columns(['a'])[1]).toEqual([1, null, 2]);
  });
});
