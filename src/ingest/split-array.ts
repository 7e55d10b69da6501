const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;

/**
 * The texts of the elements of a JSON array of objects, each exactly as written.
 * The text must have been parsed before: here only brackets and strings are followed.
 */
export function splitArray(text: string): string[] {
  const elements: string[] = [];
  let depth = 0;
  let start = 1;
  for (let i = 0; i < text.length; i += 1) {
    switch (text.charCodeAt(i)) {
      case quote:
        i = endOfString(text, i);
        break;
      case 0x5b: // [
      case 0x7b: // {
        depth += 1;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth -= 1;
        if (depth === 0) elements.push(text.slice(start, i).trim());
        break;
      case comma:
        if (depth === 1) {
          elements.push(text.slice(start, i).trim());
          start = i + 1;
        }
        break;
      default:
    }
  }
  return elements;
}

/** The index of the quote that closes the string which opens at `start`. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === backslash) i += 1;
    else if (code === quote) return i;
  }
  return text.length;
}
