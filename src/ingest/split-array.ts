const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;

/** Up to the first character of an element that is an object. */
const objectBegins = /\s*\{/y;

/**
 * The texts of the elements of a JSON array of objects, each exactly as written.
 * The text must have been parsed before: here only brackets and strings are followed.
 */
export function splitArray(text: string): string[] {
  const elements: string[] = [];
  eachElement(text, (start, end) => {
    elements.push(text.slice(start, end).trim());
    return true;
  });
  return elements;
}

/**
 * How many elements an array of objects has; 0 when one of them is no object.
 * It builds nothing and only follows brackets and strings, so it may be asked
 * before the text is parsed. Of a text that is not JSON the answer is arbitrary.
 */
export function countObjects(text: string): number {
  let count = 0;
  const allObjects = eachElement(text, (start) => {
    count += 1;
    objectBegins.lastIndex = start;
    return objectBegins.test(text);
  });
  return allObjects ? count : 0;
}

/** Hands over where each element starts and ends, until `take` returns false; false then. */
function eachElement(text: string, take: (start: number, end: number) => boolean): boolean {
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
        if (depth === 0 && !take(start, i)) return false;
        break;
      case comma:
        if (depth === 1) {
          if (!take(start, i)) return false;
          start = i + 1;
        }
        break;
      default:
    }
  }
  return true;
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
