import { IncomingMessage, type IncomingHttpHeaders } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { conditionalStatus } from '../../../src/transport/pages/conditional.ts';

function statusFor(headers: IncomingHttpHeaders): number | undefined {
  const request = new IncomingMessage(new Socket());
  Object.assign(request.headers, headers);
  return conditionalStatus(request, '"a-gzip"');
}

describe('conditionalStatus', () => {
  it.each(['"a-gzip"', 'W/"a-gzip"', '"x", W/"y,", "a-gzip"', '*', ' * '])(
    'has nothing new for If-None-Match: %s',
    (tags) => {
      expect(statusFor({ 'if-none-match': tags })).toBe(304);
    },
  );

  it.each(['"a"', 'a-gzip', '"x", "y"', '', '"*"', '"a-gzip'])(
    'has something new for If-None-Match: %s',
    (tags) => {
      expect(statusFor({ 'if-none-match': tags })).toBeUndefined();
    },
  );

  it.each([
    ['"a-gzip"', undefined],
    ['"x", "a-gzip"', undefined],
    ['*', undefined],
    ['"x"', 412],
    ['W/"a-gzip"', 412],
  ])('answers If-Match: %s with %s', (tags, status) => {
    expect(statusFor({ 'if-match': tags })).toBe(status);
  });
});
