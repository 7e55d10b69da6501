import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { DeviceMessage } from '../../kernel/device-message.ts';
import { formatPosition, type Position, type SeenPositions } from '../../log/position.ts';
import { idPrefix } from './event-text.ts';

/** Of a device id's hash, in base64url: 60 bits, since who can choose device ids finds two that share 36. */
const keyLength = 10;
/** As much as all headers of a request may take: a longer id cannot have come back to us. */
const maxIdLength = 65_536;
/**
 * An event id: the width of its numbers, and for each epoch its name and, with
 * nothing between them, a key and a number for each device. Numbers and the width
 * are base 36. `2,m3k9x2:5n4yZ_aW3k0z` says that one device has come to its 35th message.
 */
const idPattern = /^([1-9ab])((?:,[0-9a-z]{1,32}:[\w-]+)+)$/;
const numberPattern = /^[0-9a-z]+$/;

/** A device of a stream. */
interface Entry {
  readonly key: string;
  epoch: string;
  sequence: number;
  /** Where its number stands in the line. */
  offset: number;
}

/**
 * What a client saw last, by the event id that it gives back when it connects
 * again; undefined when it gives none. The id may be hostile: reading it costs one pass.
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
 * The `id:` of the events of one stream: the positions of all its devices. A
 * client that connects again gives back the last one it saw, and the stream goes
 * on behind it, with whatever devices it then has.
 */
export class EventPositions {
  readonly #entries = new Map<string, Entry>();
  /** A message writes over the number of its device and over nothing else. */
  #line = Buffer.alloc(0);
  #width = 0;

  /** `begins`: the positions behind which the stream begins, by device. */
  constructor(begins: ReadonlyMap<string, Position>) {
    for (const [deviceId, { epoch, sequence }] of begins) {
      this.#entries.set(deviceId, { key: keyOf(deviceId), epoch, sequence, offset: 0 });
    }
    this.#layOut();
  }

  /** The id now. */
  get id(): string {
    return this.#line.toString('latin1').slice(idPrefix.length).trimEnd();
  }

  /** The line with the id now. A copy: nobody writes to it any more. */
  get line(): Buffer {
    return Buffer.from(this.#line);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The stream has come to this message. */
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

  /** Writes the whole line. Seldom: when a number has outgrown the width, or a device has another epoch. */
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

/** The id of a stream of this message's device alone. */
export function idOfOneDevice({ epoch, deviceId, sequence }: DeviceMessage): string {
  const number = numberOf(sequence);
  return `${numberOf(number.length)},${epoch}:${keyOf(deviceId)}${number}`;
}

/** The line with the id in front of each event; undefined where it is the same for all, or there is none. */
export function headOf(
  positions: EventPositions | undefined,
): ((message: DeviceMessage) => Buffer) | undefined {
  if (positions === undefined || positions.size === 1) return undefined;
  return (message) => {
    positions.advance(message);
    return positions.line;
  };
}

/** What a client says it has last seen: the header of an EventSource that connects again wins over the query it was made with. */
export function lastEventIdOf(
  request: IncomingMessage,
  searchParams: URLSearchParams,
): string | undefined {
  const header = request.headers['last-event-id'];
  const told = typeof header === 'string' ? header : searchParams.get('lastEventId');
  return told === null || told === '' ? undefined : told;
}

/** Whether the events of a stream shall have ids: a client that goes on by `after` has the positions from its messages. */
export function asksForIds(searchParams: URLSearchParams): boolean {
  return searchParams.get('eventIds') !== 'off';
}

/** The positions by key; undefined when the id is not one of ours. */
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

/** In base 36, and at least so many digits. */
function numberOf(value: number, width = 1): string {
  return value.toString(36).padStart(width, '0');
}

/** Of the device that sent last: a device that is alone on its stream is asked for again and again. */
let lastDeviceId = '';
let lastKey = '';

function keyOf(deviceId: string): string {
  if (deviceId !== lastDeviceId) {
    lastKey = hash('sha256', deviceId, 'base64url').slice(0, keyLength);
    lastDeviceId = deviceId;
  }
  return lastKey;
}
