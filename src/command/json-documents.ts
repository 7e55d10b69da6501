import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { isUtf8 } from 'node:buffer';
import { CommandError, UsageError } from './command-error.ts';
import { visible } from '../observe/terminal-text.ts';

/** What fits into one MQTT message. */
const maxDocumentBytes = 268_435_455;
/** A line is held in memory while it is read; none of a device is as long. */
const maxLineBytes = 16 * 1024 * 1024;
const shownCharacters = 60;

/** The text itself, checked: its digits and its spaces are what is sent. */
export function jsonDocument(text: string, where: string): string {
  try {
    JSON.parse(text);
  } catch (error) {
    const shown = text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
    throw new CommandError(
      `${where} is not valid JSON: ${visible(shown)}\n  ${visible(error instanceof Error ? error.message : String(error))}\n  A string needs its own quotes: sluice publish … --payload '"on"'`,
    );
  }
  return text.trim();
}

/** What a file holds: one document, or with the name .ndjson or .jsonl one a line. */
export async function* documentsOfFile(path: string): AsyncIterableIterator<string> {
  if (/\.(?:ndjson|jsonl)$/i.test(path)) {
    yield* documentsOfLines(createReadStream(path), path);
    return;
  }
  const file = await open(path).catch((error: unknown) => {
    throw new UsageError(`--file: ${error instanceof Error ? error.message : String(error)}`);
  });
  try {
    const { size } = await file.stat();
    if (size > maxDocumentBytes) {
      throw new CommandError(
        `${visible(path)} has ${size} bytes, and an MQTT message takes ${maxDocumentBytes}: name it .ndjson if it holds one document a line.`,
      );
    }
    yield jsonDocument(textOf(await file.readFile(), visible(path)), visible(path));
  } finally {
    await file.close();
  }
}

/** One document a line; empty lines are passed over. */
export async function* documentsOfLines(
  chunks: AsyncIterable<Buffer>,
  name: string,
): AsyncIterableIterator<string> {
  let number = 0;
  for await (const line of lines(chunks)) {
    number += 1;
    const where = `Line ${number} of ${visible(name)}`;
    if (line === undefined) {
      throw new CommandError(`${where} is longer than ${maxLineBytes} bytes: send it with --file.`);
    }
    const text = textOf(line, where);
    if (text.trim() !== '') yield jsonDocument(text, where);
  }
}

/** Undefined stands for a line that is too long, and is the last one. */
async function* lines(chunks: AsyncIterable<Buffer>): AsyncIterableIterator<Buffer | undefined> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, from)) {
      yield Buffer.concat([...parts, chunk.subarray(from, end)]);
      parts = [];
      length = 0;
      from = end + 1;
    }
    parts.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > maxLineBytes) {
      yield undefined;
      return;
    }
  }
  if (length > 0) yield Buffer.concat(parts);
}

function textOf(bytes: Buffer, where: string): string {
  if (!isUtf8(bytes)) throw new CommandError(`${where} is not UTF-8.`);
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}
