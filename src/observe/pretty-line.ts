import { levels } from 'pino';
import { visible } from './terminal-text.ts';

const sgr = { reset: '\u001b[0m', grey: '\u001b[90m' };
/** The colour of each level, by pino's number. */
const colours: Readonly<Record<number, string>> = {
  20: '\u001b[34m',
  30: '\u001b[32m',
  40: '\u001b[33m',
  50: '\u001b[31m',
  60: '\u001b[1;31m',
};
/** From this level on, an error is shown with its stack. */
const errorLevel = levels.values['error']!;

export interface PrettyOptions {
  readonly colours: boolean;
}

/**
 * Formats one JSON line of pino for a person: `HH:MM:ss.l LEVEL message key=value …`,
 * in local time. Characters that would control the terminal are shown as escapes.
 */
export function prettyLine(line: string, options: PrettyOptions): string {
  const {
    level,
    time,
    pid: _pid,
    hostname: _hostname,
    msg,
    ...fields
  } = JSON.parse(line) as {
    level: number;
    time: number;
    msg?: string;
    [name: string]: unknown;
  };
  const paint = (text: string, colour: string | undefined): string =>
    options.colours && colour !== undefined ? `${colour}${text}${sgr.reset}` : text;
  const label = (levels.labels[level] ?? String(level)).toUpperCase().padEnd(5);
  const words = [clockTime(time), paint(label, colours[level])];
  if (msg !== undefined) words.push(visible(msg));
  const shown = Object.entries(fields).map(([name, value]) => fieldText(name, value));
  if (shown.length > 0) words.push(paint(shown.join(' '), sgr.grey));
  const stack = level >= errorLevel ? stackOf(fields['err']) : [];
  return [words.join(' '), ...stack.map((text) => `    ${visible(text)}`), ''].join('\n');
}

function clockTime(time: number): string {
  const date = new Date(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

function fieldText(name: string, value: unknown): string {
  const shown = isError(value) ? value.message : value;
  const text = typeof shown === 'string' ? shown : JSON.stringify(shown);
  const needsQuotes = typeof shown === 'string' && (text === '' || /[\s"=]/u.test(text));
  return visible(`${name}=${needsQuotes ? JSON.stringify(text) : text}`);
}

/** The lines of the stack. The message itself is shown in `err=`. */
function stackOf(value: unknown): string[] {
  return isError(value) && typeof value.stack === 'string' ? value.stack.split('\n') : [];
}

function isError(value: unknown): value is { readonly message: string; readonly stack?: unknown } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'message' in value &&
    typeof value.message === 'string'
  );
}
