import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { DeviceMessage } from '../device-message.ts';
import { formatPosition } from '../log/position.ts';
import { idLine } from './event-text.ts';

/** Of a device id's hash, in base64url: 36 bits, which tell the devices of a stream apart. */
const keyLength = 6;
/** An event id is the epoch and, for each device, its key and the number of its last message in base 36. */
const eventIdPattern = /^([0-9a-z]{1,32}):((?:[\w-]{6}\.[0-9a-z]{1,11},?)*)$/;

/**
 * The `id:` of the events of one stream: the positions of all its devices. A
 * client that connects again gives back the last one it saw, and the stream goes
 * on behind it, with whatever devices it then has.
 */
export class EventPositions {
  readonly #epoch: string;
  readonly #lastEventId: string | undefined;
  /** By device: where its entry stands. */
  readonly #places = new Map<string, number>();
  #entries: string[] = [];

  constructor(epoch: string, lastEventId: string | undefined) {
    this.#epoch = epoch;
    this.#lastEventId = lastEventId;
  }

  /** Where the client left each of these devices, as far as it has told. */
  after(deviceIds: readonly string[]): { deviceId: string; position: string }[] {
    if (this.#lastEventId === undefined) return [];
    const [, epoch, entries] = eventIdPattern.exec(this.#lastEventId) ?? [];
    // An id that is none of ours is one of a log that nobody knows: the client is told that it may have missed something.
    if (epoch === undefined || entries === undefined) {
      return deviceIds.map((deviceId) => ({ deviceId, position: 'unknown-0' }));
    }
    const sequences = new Map(
      entries.split(',').map((entry) => {
        const [key = '', sequence = ''] = entry.split('.');
        return [key, parseInt(sequence, 36)];
      }),
    );
    return deviceIds.flatMap((deviceId) => {
      const sequence = sequences.get(keyOf(deviceId));
      if (sequence === undefined) return [];
      return [{ deviceId, position: formatPosition({ epoch, sequence }) }];
    });
  }

  begin(sequences: ReadonlyMap<string, number>): void {
    this.#entries = [...sequences].map(([deviceId, sequence], i) => {
      this.#places.set(deviceId, i);
      return entryOf(keyOf(deviceId), sequence);
    });
  }

  /** The id now; the empty string while the stream has no devices. */
  get id(): string {
    return this.#entries.length === 0 ? '' : `${this.#epoch}:${this.#entries.join(',')}`;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** The stream has come to this message. */
  advance({ deviceId, sequence }: DeviceMessage): void {
    const place = this.#places.get(deviceId);
    if (place === undefined) return;
    const key = this.#entries[place]!.slice(0, keyLength);
    this.#entries[place] = entryOf(key, sequence);
  }
}

/** The id of a stream of this message's device alone. */
export function idOfOneDevice({ epoch, deviceId, sequence }: DeviceMessage): string {
  return `${epoch}:${entryOf(keyOf(deviceId), sequence)}`;
}

/** The line with the id in front of each event; undefined where it is the same for all, or there is none. */
export function headOf(
  positions: EventPositions | undefined,
): ((message: DeviceMessage) => Buffer) | undefined {
  if (positions === undefined || positions.size === 1) return undefined;
  return (message) => {
    positions.advance(message);
    return Buffer.from(idLine(positions.id));
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

function entryOf(key: string, sequence: number): string {
  return `${key}.${sequence.toString(36)}`;
}

/** Of the device that sent last: a device that is alone on its stream is asked for again and again. */
let lastDeviceId = '';
let lastKey = '';

function keyOf(deviceId: string): string {
  if (deviceId !== lastDeviceId) {
    lastKey = createHash('sha256').update(deviceId).digest('base64url').slice(0, keyLength);
    lastDeviceId = deviceId;
  }
  return lastKey;
}
