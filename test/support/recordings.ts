import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One MQTT message, as a device published it. */
export interface Recorded {
  readonly topic: string;
  readonly payload: Buffer;
  readonly retain: boolean;
}

export interface Recording {
  /** The name of its file, less the ending. */
  readonly name: string;
  readonly messages: readonly Recorded[];
}

const folderVariable = 'SLUICE_RECORDINGS';
const sampleFolder = fileURLToPath(new URL('../fixtures/recordings', import.meta.url));
const folder = process.env[folderVariable] ?? '';

/** For the names of tests: says plainly when there are no recordings, and a small sample stands in for them. */
export const recordingsAre =
  folder === ''
    ? `the built-in sample (${folderVariable} is not set, so no recordings)`
    : 'recordings of real devices';

/** Those of the folder that SLUICE_RECORDINGS names, or the built-in sample. */
export function readRecordings(): Recording[] {
  return readFolder(folder === '' ? sampleFolder : folder);
}

function readFolder(path: string): Recording[] {
  const files = readdirSync(path).filter((file) => file.endsWith('.ndjson'));
  if (files.length === 0) throw new Error(`no recording (*.ndjson) in ${path}`);
  return files.toSorted().map((file) => ({
    name: file.replace(/\.ndjson$/, ''),
    messages: readFileSync(join(path, file), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map(messageOf),
  }));
}

function messageOf(line: string): Recorded {
  const { topic, encoding, payload, retain } = JSON.parse(line) as {
    topic: string;
    encoding: 'utf8' | 'base64';
    payload: string;
    retain: boolean;
  };
  return { topic, payload: Buffer.from(payload, encoding), retain };
}
