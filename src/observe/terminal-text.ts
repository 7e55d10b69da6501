import stringWidth from 'string-width';

/**
 * Characters that control a terminal or change the direction of the text: control
 * characters, invisible characters, line separators and lone surrogates.
 */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** One symbol of several code points, such as a family: its joiner is harmless. */
const emojiOrUnsafe = new RegExp(String.raw`\p{RGI_Emoji}|${unsafe.source}`, 'gv');
const graphemes = new Intl.Segmenter();
/**
 * The maximum length of one visible character, in code units: anything longer is
 * neither a letter nor an emoji.
 */
const longestGrapheme = 32;

/**
 * Makes text from outside (a device, the gateway, a file) safe for a terminal:
 * characters that would control it are shown as escapes, `\u001b`.
 */
export function visible(text: string): string {
  // The usual case: no search for emojis is needed.
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

/** Makes text safe for a terminal, and cuts it to `columns`; `…` replaces the rest. */
export function fit(text: string, columns: number): string {
  if (columns < 1) return '';
  // A payload may be long, a line is not.
  const longest = columns * longestGrapheme;
  const shown = visible(text.slice(0, longest));
  let used = 0;
  let end = 0;
  /** The last place where the ellipsis still fits. */
  let cut = 0;
  for (const { segment } of graphemes.segment(shown)) {
    used += stringWidth(segment);
    if (used > columns) return `${shown.slice(0, cut)}…`;
    end += segment.length;
    if (used < columns) cut = end;
  }
  return text.length > longest ? `${shown.slice(0, cut)}…` : shown;
}

/** Pads the text with spaces to the number of columns. */
export function column(text: string, columns: number): string {
  const shown = fit(text, columns);
  return shown + ' '.repeat(Math.max(0, columns - stringWidth(shown)));
}
