import { GraphQLError, locatedError } from 'graphql';
import { describe, expect, it } from 'vitest';
import { badUserInput } from '../../schema/errors.ts';
import { SlowConsumerError } from '../../src/broker/errors.ts';
import { publicError, publicResult } from '../../src/delivery/public-error.ts';

const unexpected = {
  message: 'Unexpected error.',
  extensions: { code: 'INTERNAL_SERVER_ERROR' },
};

/** What the client is told and what the log gets. */
function tell(error: unknown): { told: unknown; logged: unknown[] } {
  const logged: unknown[] = [];
  const told: unknown = JSON.parse(JSON.stringify(publicError(error, (each) => logged.push(each))));
  return { told, logged };
}

describe('publicError', () => {
  it('lets an error pass that was made for clients', () => {
    const { told, logged } = tell(badUserInput('deviceIds must name at least one device.'));
    expect(told).toEqual({
      message: 'deviceIds must name at least one device.',
      extensions: { code: 'BAD_USER_INPUT' },
    });
    expect(logged).toEqual([]);
  });

  it('lets an error pass that was made for clients, with the path at which it was thrown', () => {
    const { told, logged } = tell(locatedError(badUserInput('no'), undefined, ['a', 0, 'b']));
    expect(told).toEqual({
      message: 'no',
      path: ['a', 0, 'b'],
      extensions: { code: 'BAD_USER_INPUT' },
    });
    expect(logged).toEqual([]);
  });

  it('lets a GraphQLError pass that has no code, wrapped or not', () => {
    const error = new GraphQLError('Cannot return null for non-nullable field.');
    const wrapper = new GraphQLError(error.message, { originalError: error, path: ['a'] });
    expect(tell(error)).toEqual({ told: { message: error.message }, logged: [] });
    expect(tell(wrapper)).toEqual({ told: { message: error.message, path: ['a'] }, logged: [] });
  });

  it('lets a wrapper without a path go, and tells what it wraps', () => {
    const original = badUserInput('no');
    const wrapper = new GraphQLError('wrapped', { originalError: original });
    expect(publicError(wrapper, () => {})).toBe(original);
  });

  it('lets an error with a stable code pass, wrapped or not', () => {
    const error = new SlowConsumerError(100);
    const expected = { message: error.message, extensions: { code: 'SLOW_CONSUMER' } };
    expect(tell(error)).toEqual({ told: expected, logged: [] });
    expect(tell(locatedError(error, undefined, ['a']))).toEqual({
      told: { ...expected, path: ['a'] },
      logged: [],
    });
    expect(publicError(error, () => {}).originalError).toBe(error);
  });

  it.each([
    ['an error', new Error('connect ECONNREFUSED 10.0.0.7:5432')],
    ['a TypeError', new TypeError('secret is not a function')],
    ['a text', 'secret'],
    ['nothing', undefined],
    ['null', null],
    ['a thing with a code that is no error', { extensions: { code: 'FORBIDDEN' }, message: 'x' }],
    ['an error with a code of the system', Object.assign(new Error('x'), { code: 'ENOENT' })],
    ['a code that is no text', Object.assign(new Error('x'), { extensions: { code: 7 } })],
    ['extensions without a code', Object.assign(new Error('x'), { extensions: { file: '/etc' } })],
    ['null for extensions', Object.assign(new Error('x'), { extensions: null })],
  ])('tells nothing about %s, and logs it', (_what, error) => {
    const { told, logged } = tell(error);
    expect(told).toEqual(unexpected);
    expect(logged).toEqual([error]);
  });

  it('tells nothing about the error that a resolver threw but where, and logs it', () => {
    const original = new Error('secret', { cause: new Error('more secret') });
    const { told, logged } = tell(locatedError(original, undefined, ['brokerStats', 'version']));
    expect(told).toEqual({ ...unexpected, path: ['brokerStats', 'version'] });
    expect(logged).toEqual([original]);
  });

  it('does not carry the hidden error along', () => {
    const original = new Error('secret');
    const shown = publicError(locatedError(original, undefined, ['a']), () => {});
    expect(shown.originalError).toBeUndefined();
    expect(shown.cause).toBeUndefined();
    expect(`${shown.stack}`).not.toContain('secret');
  });
});

describe('publicResult', () => {
  it('hides what is to be hidden of each error and leaves the data alone', () => {
    const data = { a: 1 };
    const errors = [new GraphQLError('one'), new GraphQLError('other', { path: ['b'] })];
    const result = publicResult({ data, errors }, (error) =>
      error.message === 'one' ? new GraphQLError('hidden') : error,
    );
    expect(result.data).toBe(data);
    expect(result).toEqual({
      data,
      errors: [{ message: 'hidden' }, { message: 'other', path: ['b'] }],
    });
  });

  it.each([
    [
      { data: null, errors: [new GraphQLError('x')] },
      { errors: [{ message: 'x' }], data: null },
    ],
    [{ data: { a: 1 } }, { data: { a: 1 } }],
    [{ errors: [] }, { errors: [] }],
    [
      { data: { a: 1 }, extensions: { cost: 1 } },
      { data: { a: 1 }, extensions: { cost: 1 } },
    ],
    [{ data: undefined, errors: undefined, extensions: undefined }, {}],
  ])('has the members that are there, and no others: %j', (result, expected) => {
    expect(publicResult(result, (error) => error)).toStrictEqual(expected);
  });

  it('has the errors first, as the specification recommends', () => {
    const result = publicResult({ data: null, errors: [new GraphQLError('x')] }, (error) => error);
    expect(Object.keys(result)).toEqual(['errors', 'data']);
  });
});
