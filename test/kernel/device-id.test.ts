import { describe, expect, it } from 'vitest';
import { isDeviceId } from '../../src/kernel/device-id.ts';

describe('isDeviceId', () => {
  it.each(['a', ' ', 'a/b', '+', '#', '日本', '😀', '__proto__', 'a'.repeat(256)])(
    'takes %j',
    (id) => {
      expect(isDeviceId(id)).toBe(true);
    },
  );

  it.each(['', 'a'.repeat(257), '\0', 'a\n', '\u001f', '\u007f', '\u009f', '\ud800', 'a\udc00'])(
    'refuses %j',
    (id) => {
      expect(isDeviceId(id)).toBe(false);
    },
  );
});
