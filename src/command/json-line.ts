/** What JSON leaves as it is within a text, and a terminal may take for an order. */
const unescaped = /[\u007f-\u009f\p{Cf}\u2028\u2029]/gu;

/** The value as JSON in one line, which may stand on a terminal. It means the same: these characters stand in texts only. */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value).replaceAll(unescaped, escaped)}\n`;
}

function escaped(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
