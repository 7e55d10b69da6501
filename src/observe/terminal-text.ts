/**
 * Characters that control a terminal or change the direction of the text: control
 * characters, invisible characters, line separators and lone surrogates.
 */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const wide =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]/u;
const withoutWidth = /^[\p{Mn}\p{Me}]$/u;

/**
 * Makes text from outside (a device, the gateway, a file) safe for a terminal:
 * characters that would control it are shown as escapes, `\u001b`.
 */
export function visible(text: string): string {
  return text.replaceAll(unsafe, escapeOf);
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0)!.toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
}

/** Makes text safe for a terminal, and cuts it to `columns`; `…` replaces the rest. */
export function fit(text: string, columns: number): string {
  // Only the start of the text is examined, since a payload may be long and a line is not: a code
  // unit takes half a column at least, or none at all.
  const shown = visible(text.slice(0, Math.max(0, columns) * 4 + 1));
  let used = 0;
  let end = 0;
  let cut = 0;
  for (const character of shown) {
    const width = widthOf(character);
    if (used + width > columns) return columns < 1 ? '' : `${shown.slice(0, cut)}…`;
    used += width;
    end += character.length;
    // The last place where the ellipsis still fits.
    if (used < columns) cut = end;
  }
  return shown;
}

function widthOf(character: string): number {
  if (withoutWidth.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}
