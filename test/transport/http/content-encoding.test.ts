import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createCompressor, encodingOf } from '../../../src/transport/http/content-encoding.ts';

describe('encodingOf', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['identity', undefined],
    ['deflate', undefined],
    ['gzip', 'gzip'],
    ['GZIP', 'gzip'],
    ['gzip, deflate, br', 'br'],
    ['gzip;q=1.0, br;q=0.5', 'gzip'],
    ['gzip;q=0', undefined],
    ['br; q=0, gzip', 'gzip'],
    ['*', 'br'],
    ['br;q=0, *', 'gzip'],
    ['*;q=0', undefined],
    ['xgzip', undefined],
  ])('takes from %j: %s', (accepted, encoding) => {
    const request = new IncomingMessage(new Socket());
    if (accepted !== undefined) request.headers['accept-encoding'] = accepted;
    expect(encodingOf(request, ['br', 'gzip'])).toBe(encoding);
  });
});

describe('createCompressor', () => {
  const text = Buffer.from('{"a":1}'.repeat(1_000));

  it('compresses so that the text comes back', async () => {
    const compress = createCompressor();
    expect(brotliDecompressSync((await compress('br', text))!)).toEqual(text);
    expect(gunzipSync((await compress('gzip', text))!)).toEqual(text);
  });

  it('takes 16 texts at a time, and more when they are done', async () => {
    const compress = createCompressor();
    const underWay = Array.from({ length: 16 }, () => compress('gzip', text));
    expect(underWay).not.toContain(undefined);
    expect(compress('gzip', text)).toBeUndefined();
    await Promise.all(underWay.map(async (compressed) => compressed));
    expect(await compress('gzip', text)).toBeInstanceOf(Buffer);
  });
});
