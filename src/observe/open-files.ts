import { readFileSync } from 'node:fs';

/**
 * Files and sockets that are no connections of clients: those of Node.js, the
 * MQTT connection, and the newcomers that are told that there is no room.
 */
const otherOpenFiles = 400;

/**
 * How many files and sockets this process may have open. Undefined where the
 * operating system does not say so, which only Linux does, or sets no limit.
 * Node.js has raised the soft limit to the hard one when it started.
 */
export function maxOpenFiles(): number | undefined {
  try {
    return parseMaxOpenFiles(readFileSync('/proc/self/limits', 'utf8'));
  } catch {
    // There is no such file outside of Linux.
    return undefined;
  }
}

/** From the text of `/proc/self/limits`. */
export function parseMaxOpenFiles(limits: string): number | undefined {
  const [, soft] = /^Max open files +(\d+)/m.exec(limits) ?? [];
  return soft === undefined ? undefined : Number(soft);
}

/**
 * How many connections may be open at most. What comes beyond the limit of open
 * files is cut by libuv, and nobody is told: so it MUST NOT be reached.
 */
export function connectionsWithin(wanted: number, openFiles: number | undefined): number {
  if (openFiles === undefined) return wanted;
  return Math.min(wanted, Math.max(1, openFiles - otherOpenFiles));
}
