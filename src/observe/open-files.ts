import { readFileSync } from 'node:fs';

/**
 * Files and sockets that are not client connections: those of Node.js, the MQTT
 * connection, and new clients that are refused for lack of room.
 */
const otherOpenFiles = 400;

/**
 * How many files and sockets this process may have open. Undefined when the operating
 * system does not tell (only Linux does) or sets no limit. At its start, Node.js has
 * raised the soft limit to the hard one.
 */
export function maxOpenFiles(): number | undefined {
  try {
    return parseMaxOpenFiles(readFileSync('/proc/self/limits', 'utf8'));
  } catch {
    // The file exists only on Linux.
    return undefined;
  }
}

/** Reads the limit from the text of `/proc/self/limits`. */
export function parseMaxOpenFiles(limits: string): number | undefined {
  const [, soft] = /^Max open files +(\d+)/m.exec(limits) ?? [];
  return soft === undefined ? undefined : Number(soft);
}

/**
 * The maximum number of open connections. libuv closes connections beyond the limit of
 * open files without telling anyone, so that limit MUST NOT be reached.
 */
export function connectionsWithin(wanted: number, openFiles: number | undefined): number {
  if (openFiles === undefined) return wanted;
  return Math.min(wanted, Math.max(1, openFiles - otherOpenFiles));
}
