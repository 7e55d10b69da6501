/**
 * What steers a terminal, or turns the direction of the text: control
 * characters, invisible ones, line separators and halves of surrogate pairs.
 */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const wide =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]/u;
const withoutWidth = /^[\p{Mn}\p{Me}]$/u;

/**
 * Text from outside (a device, the gateway, a file) as it may stand on a
 * terminal: what would steer the terminal is shown as its escape, `\u001b`.
 */
export function visible(text: string): string {
  return text.replaceAll(unsafe, escapeOf);
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0)!.toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
}

/** The same, cut to so many columns; `…` stands for what is missing. */
export function fit(text: string, columns: number): string {
  // One code unit is half a column at least, or nothing to see: a payload may be long, a line is not.
  const shown = visible(text.slice(0, Math.max(0, columns) * 4 + 1));
  let used = 0;
  let end = 0;
  let cut = 0;
  for (const character of shown) {
    const width = widthOf(character);
    if (used + width > columns) return columns < 1 ? '' : `${shown.slice(0, cut)}…`;
    used += width;
    end += character.length;
    // Up to here there is room for the ellipsis.
    if (used < columns) cut = end;
  }
  return shown;
}

function widthOf(character: string): number {
  if (withoutWidth.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}
