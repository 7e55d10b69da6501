/** Control characters, and those that turn the direction of text around: what stands behind them is not what it looks like. */
const deceiving = /(?![\n\t])[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** The text with such characters spelled out, as JSON and JavaScript spell them. */
export function visible(text: string): string {
  return text.replace(
    deceiving,
    (character) => String.raw`\u` + character.charCodeAt(0).toString(16).padStart(4, '0'),
  );
}

/** At most so many characters, with a sign that there was more. */
export function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
