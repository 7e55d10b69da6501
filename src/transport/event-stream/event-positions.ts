import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { DeviceMessage } from '../../kernel/device-message.ts';
import { formatPosition, type Position, type SeenPositions } from '../../log/position.ts';
import { idPrefix } from './event-text.ts';

/**
 * The length of a device id's hash, in base64url characters: 60 bits, because someone
 * who can choose device ids can find two that share 36 bits.
 */
const keyLength = 10;
/** The limit on all headers of a request: a longer id cannot be one that the gateway sent. */
const maxIdLength = 65_536;
/**
 * An event id: the width of its numbers, and for each epoch its name and, without
 * separators, a key and a number for each device. Numbers and the width are in base 36.
 * `2,m3k9x2:5n4yZ_aW3k0z` means that one device has reached its 35th message.
 */
const idPattern = /^([1-9ab])((?:,[0-9a-z]{1,32}:[\w-]+)+)$/;
const numberPattern = /^[0-9a-z]+$/;

/** A device of a stream. */
interface Entry {
  readonly key: string;
  epoch: string;
  sequence: number;
  /** The offset of its number in the line. */
  offset: number;
}

/**
 * The last positions that a client has seen, from the event id that it sends when it
 * reconnects; undefined when it sends none. The id may be hostile: reading it takes one
 * pass.
 */
export function seenPositions(lastEventId: string | undefined): SeenPositions | undefined {
  if (lastEventId === undefined) return undefined;
  const positions = parseEventId(lastEventId);
  if (positions === undefined) return { of: () => null };
  return {
    of(deviceId) {
      const position = positions.get(keyOf(deviceId));
      return position === undefined ? undefined : formatPosition(position);
    },
  };
}

/**
 * The `id:` of the events of one stream: the positions of all its devices. A client
 * that reconnects sends the last one that it has seen, and the stream continues after
 * it. The list of devices may be different then.
 */
export class EventPositions {
  readonly #entries = new Map<string, Entry>();
  /** The line. A message overwrites only the number of its device. */
  #line = Buffer.alloc(0);
  #width = 0;

  /** `begins`: the positions after which the stream begins, by device. */
  constructor(begins: ReadonlyMap<string, Position>) {
    for (const [deviceId, { epoch, sequence }] of begins) {
      this.#entries.set(deviceId, { key: keyOf(deviceId), epoch, sequence, offset: 0 });
    }
    this.#layOut();
  }

  /** The current id. */
  get id(): string {
    return this.#line.toString('latin1').slice(idPrefix.length).trimEnd();
  }

  /** The line with the current id, as a copy that does not change. */
  get line(): Buffer {
    return Buffer.from(this.#line);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Moves the stream's position to this message. */
  advance({ deviceId, epoch, sequence }: DeviceMessage): void {
    const entry = this.#entries.get(deviceId);
    if (entry === undefined) return;
    const number = numberOf(sequence, this.#width);
    const fits = number.length === this.#width && entry.epoch === epoch;
    entry.epoch = epoch;
    entry.sequence = sequence;
    if (fits) this.#line.write(number, entry.offset, 'latin1');
    else this.#layOut();
  }

  /** Writes the whole line. This is rare: a number has outgrown the width, or a device has a new epoch. */
  #layOut(): void {
    const entries = [...this.#entries.values()];
    const last = entries.reduce((most, { sequence }) => Math.max(most, sequence), 0);
    this.#width = numberOf(last).length;
    let line = idPrefix + numberOf(this.#width);
    for (const [epoch, ofEpoch] of Map.groupBy(entries, (entry) => entry.epoch)) {
      line += `,${epoch}:`;
      for (const entry of ofEpoch) {
        entry.offset = line.length + keyLength;
        line += entry.key + numberOf(entry.sequence, this.#width);
      }
    }
    this.#line = Buffer.from(`${line}\n`, 'latin1');
  }
}

/** The id of a stream that has only this message's device. */
export function idOfOneDevice({ epoch, deviceId, sequence }: DeviceMessage): string {
  const number = numberOf(sequence);
  return `${numberOf(number.length)},${epoch}:${keyOf(deviceId)}${number}`;
}

/**
 * The line with the id before each event; undefined when it is the same for all
 * streams, or there is none.
 */
export function headOf(
  positions: EventPositions | undefined,
): ((message: DeviceMessage) => Buffer) | undefined {
  if (positions === undefined || positions.size === 1) return undefined;
  return (message) => {
    positions.advance(message);
    return positions.line;
  };
}

/**
 * The last event id that a client has seen. The header of an EventSource that
 * reconnects takes precedence over the query with which it was created.
 */
export function lastEventIdOf(
  request: IncomingMessage,
  searchParams: URLSearchParams,
): string | undefined {
  const header = request.headers['last-event-id'];
  const told = typeof header === 'string' ? header : searchParams.get('lastEventId');
  return told === null || told === '' ? undefined : told;
}

/**
 * Whether the events of a stream have ids: a client that resumes with `after` has the
 * positions from its messages.
 */
export function asksForIds(searchParams: URLSearchParams): boolean {
  return searchParams.get('eventIds') !== 'off';
}

/** The positions by key; undefined when the gateway has not made the id. */
function parseEventId(id: string): Map<string, Position> | undefined {
  const match = id.length > maxIdLength ? null : idPattern.exec(id);
  if (match === null) return undefined;
  const width = parseInt(match[1]!, 36);
  const entryLength = keyLength + width;
  const positions = new Map<string, Position>();
  for (const group of match[2]!.slice(1).split(',')) {
    const [epoch = '', entries = ''] = group.split(':');
    if (entries.length % entryLength !== 0) return undefined;
    for (let i = 0; i < entries.length; i += entryLength) {
      const key = entries.slice(i, i + keyLength);
      const number = entries.slice(i + keyLength, i + entryLength);
      const sequence = parseInt(number, 36);
      const isNumber = numberPattern.test(number) && Number.isSafeInteger(sequence);
      if (!isNumber || positions.has(key)) return undefined;
      positions.set(key, { epoch, sequence });
    }
  }
  return positions;
}

/** A number in base 36 with at least `width` digits. */
function numberOf(value: number, width = 1): string {
  return value.toString(36).padStart(width, '0');
}

/**
 * The key of the last device: for a stream with one device, the same key is requested
 * for every message.
 */
let lastDeviceId = '';
let lastKey = '';

function keyOf(deviceId: string): string {
  if (deviceId !== lastDeviceId) {
    lastKey = hash('sha256', deviceId, 'base64url').slice(0, keyLength);
    lastDeviceId = deviceId;
  }
  return lastKey;
}
