import { describe, expect, it } from 'vitest';
import { jsonLine } from '../../src/command/json-line.ts';
import { column, fit, visible } from '../../src/observe/terminal-text.ts';

describe('visible', () => {
  it.each([
    ['an escape sequence', '\u001b[2J', String.raw`\u001b[2J`],
    ['a line break', 'a\r\nb', String.raw`a\u000d\u000ab`],
    ['an escape sequence in one character', '\u009b2J', String.raw`\u009b2J`],
    ['a turn of the direction', 'a\u202eb', String.raw`a\u202eb`],
    ['half a surrogate pair', 'a\ud800', String.raw`a\ud800`],
    ['an invisible character beyond 16 bits', '\u{e0041}', String.raw`\u{e0041}`],
  ])('shows %s as its escape', (_what, text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it('leaves what people write as it is', () => {
    expect(visible('Zürich 東京 🚌 "x"')).toBe('Zürich 東京 🚌 "x"');
  });

  it('leaves an emoji of several parts whole, and shows a joiner elsewhere as its escape', () => {
    expect(visible('👩‍🚒 a\u200db\n')).toBe(String.raw`👩‍🚒 a\u200db\u000a`);
  });
});

describe('fit', () => {
  it.each([
    ['tracker', 7, 'tracker'],
    ['tracker', 6, 'track…'],
    ['東京都', 6, '東京都'],
    ['東京都', 5, '東京…'],
    ['東京都', 4, '東…'],
    ['e\u0301e\u0301', 2, 'e\u0301e\u0301'],
    ['\u001b[2J', 5, String.raw`\u00…`],
    ['👩‍👩‍👧‍👦', 2, '👩‍👩‍👧‍👦'],
    ['👩‍👩‍👧‍👦👩🏽‍🚒b', 5, '👩‍👩‍👧‍👦👩🏽‍🚒b'],
    ['👩‍👩‍👧‍👦👩🏽‍🚒b', 4, '👩‍👩‍👧‍👦…'],
    ['🇨🇭❤️', 4, '🇨🇭❤️'],
    ['ｶﾞ가', 4, 'ｶﾞ가'],
    ['abc', 1, '…'],
    ['abc', 0, ''],
  ])('cuts %j to %i columns', (text, columns, shown) => {
    expect(fit(text, columns)).toBe(shown);
  });

  it('looks at no more of a long text than the line can hold', () => {
    expect(fit('x'.repeat(50_000_000), 10)).toBe('xxxxxxxxx…');
  });

  it('says that something is missing also where marks without a width fill the line', () => {
    expect(fit(`e${'\u0301'.repeat(1_000)}x`, 5)).toMatch(/^e\u0301+…$/);
  });
});

describe('column', () => {
  it.each([
    ['東京', '東京 '],
    ['👩‍🚒', '👩‍🚒   '],
    ['abcdef', 'abcd…'],
  ])('makes %j five columns wide', (text, shown) => {
    expect(column(text, 5)).toBe(shown);
  });
});

describe('jsonLine', () => {
  it('is JSON with the same meaning, without what steers a terminal', () => {
    const value = { '\u009b': 'a\u007f\u202e\u{e0041}\u2028é' };
    const line = jsonLine(value);
    expect(JSON.parse(line)).toEqual(value);
    expect(line).toBe(`${String.raw`{"\u009b":"a\u007f\u202e\udb40\udc41\u2028é"}`}\n`);
  });
});
