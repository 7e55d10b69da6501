import stringWidth from 'string-width';

/**
 * What steers a terminal, or turns the direction of the text: control
 * characters, invisible ones, line separators and halves of surrogate pairs.
 */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** One picture of several code points, such as a family: the joiner in it does no harm. */
const emojiOrUnsafe = new RegExp(String.raw`\p{RGI_Emoji}|${unsafe.source}`, 'gv');
const graphemes = new Intl.Segmenter();
/** Of a character that a person would call one, in code units: longer ones are no letter and no emoji. */
const longestGrapheme = 32;

/**
 * Text from outside (a device, the gateway, a file) as it may stand on a
 * terminal: what would steer the terminal is shown as its escape, `\u001b`.
 */
export function visible(text: string): string {
  // Nearly every text: without a look for emojis.
  if (text.search(unsafe) === -1) return text;
  return text.replaceAll(emojiOrUnsafe, (found) => (isUnsafe(found) ? escapeOf(found) : found));
}

function isUnsafe(found: string): boolean {
  return found.search(unsafe) === 0;
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0)!.toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
}

/** The same, cut to so many columns; `…` stands for what is missing. */
export function fit(text: string, columns: number): string {
  if (columns < 1) return '';
  // A payload may be long, a line is not.
  const longest = columns * longestGrapheme;
  const shown = visible(text.slice(0, longest));
  let used = 0;
  let end = 0;
  /** Up to here there is room for the ellipsis. */
  let cut = 0;
  for (const { segment } of graphemes.segment(shown)) {
    used += stringWidth(segment);
    if (used > columns) return `${shown.slice(0, cut)}…`;
    end += segment.length;
    if (used < columns) cut = end;
  }
  return text.length > longest ? `${shown.slice(0, cut)}…` : shown;
}

/** As many columns, filled up with spaces. */
export function column(text: string, columns: number): string {
  const shown = fit(text, columns);
  return shown + ' '.repeat(Math.max(0, columns - stringWidth(shown)));
}
