import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPosition, parsePosition } from '../../src/log/position.ts';

describe('formatPosition', () => {
  it('joins the epoch and the number', () => {
    expect(formatPosition({ epoch: 'm3k9x2', sequence: 17 })).toBe('m3k9x2-17');
  });
});

describe('parsePosition', () => {
  it('takes apart what formatPosition has joined', () => {
    const epoch = fc.stringMatching(/^[0-9a-z]{1,32}$/);
    fc.assert(
      fc.property(epoch, fc.maxSafeNat(), (text, sequence) => {
        const position = { epoch: text, sequence };
        expect(parsePosition(formatPosition(position))).toEqual(position);
      }),
    );
  });

  it('takes nothing that formatPosition would have written differently', () => {
    const nearly = fc.stringMatching(/^[0-9a-zA-Z_ ]{0,3}[-–]{0,2}[-+0-9.e ]{0,18}$/);
    fc.assert(
      fc.property(fc.oneof(nearly, fc.string()), (text) => {
        const position = parsePosition(text);
        if (position !== undefined) expect(formatPosition(position)).toBe(text);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    '',
    '-',
    'e',
    'e-',
    '-1',
    'e--1',
    'e-01',
    'e-1.0',
    'e-1e3',
    'e- 1',
    'e-1 ',
    'e-1\n',
    'E-1',
    'e-1-1',
    'é-1',
    'e-١',
    `${'e'.repeat(33)}-1`,
    'e-9007199254740992',
    'e-99999999999999999999',
  ])('takes %j for no position', (text) => {
    expect(parsePosition(text)).toBeUndefined();
  });

  it('takes the place before the first message and the last safe number', () => {
    expect(parsePosition('e-0')).toEqual({ epoch: 'e', sequence: 0 });
    expect(parsePosition('e-9007199254740991')).toEqual({
      epoch: 'e',
      sequence: Number.MAX_SAFE_INTEGER,
    });
  });
});
