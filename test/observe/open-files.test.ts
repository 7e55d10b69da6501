import { describe, expect, it } from 'vitest';
import { connectionsWithin, parseMaxOpenFiles } from '../../src/observe/open-files.ts';

const limits = (
  openFiles: string,
): string => `Limit                     Soft Limit           Hard Limit           Units
Max processes             63432                63432                processes
Max open files            ${openFiles.padEnd(20)} 1048576              files
Max locked memory         8388608              8388608              bytes
`;

describe('parseMaxOpenFiles', () => {
  it.each([
    ['20000', 20_000],
    ['unlimited', undefined],
  ])('reads the soft limit: %s', (text, expected) => {
    expect(parseMaxOpenFiles(limits(text))).toBe(expected);
  });
});

describe('connectionsWithin', () => {
  it.each([
    [100_000, undefined, 100_000],
    [100_000, 1_048_576, 100_000],
    [100_000, 20_000, 19_600],
    [100, 1_024, 100],
    [100_000, 256, 1],
  ])('lets %i connections with %s open files be %i', (wanted, openFiles, expected) => {
    expect(connectionsWithin(wanted, openFiles)).toBe(expected);
  });
});
