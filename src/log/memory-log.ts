import type { DeviceMessage } from '../device-message.ts';
import type { Arrival, Availability, DeviceRecord, Log } from './log.ts';
import { MessageRing, type KeptMessage } from './message-ring.ts';

export interface MemoryLogOptions {
  /** How many devices it numbers; a message of a further one is refused. */
  readonly maxDevices: number;
  /** Messages that are kept of one device at most. 0: none. Default: 0. */
  readonly historySize?: number;
  /** For how long a message is kept, in milliseconds. Default: for good. */
  readonly historyTtlMs?: number;
  /** The memory that all kept messages together may take, in bytes: the oldest ones go first. Default: no bound. */
  readonly historyMaxBytes?: number;
  /** Milliseconds since 1970. Default: `Date.now`. */
  readonly now?: () => number;
  /** Distinguishes this log from those before it. Default: made from the clock and chance. */
  readonly epoch?: string;
}

/** What a kept message takes besides its texts: two objects, the headers of two strings, its slot. Measured. */
export const messageOverheadBytes = 168;

class Device implements DeviceRecord {
  readonly deviceId: string;
  readonly ordinal: number;
  lastSeenAt: number | null = null;
  sequence = 0;
  availability: Availability | null = null;
  /** Messages of a device come on one topic as a rule: they share its text. */
  topic = '';
  ring: MessageRing | null = null;

  constructor(deviceId: string, ordinal: number) {
    this.deviceId = deviceId;
    this.ordinal = ordinal;
  }
}

/**
 * The log of a single process: what it knows goes with the process.
 *
 * A ring for each device, and through all of them one list in the order of
 * arrival, from whose old end messages go when they are too old or too many
 * bytes are kept.
 */
export function createMemoryLog(options: MemoryLogOptions): Log {
  const epoch = options.epoch ?? newEpoch();
  const historySize = options.historySize ?? 0;
  const ttlMs = options.historyTtlMs ?? Number.POSITIVE_INFINITY;
  const maxBytes = options.historyMaxBytes ?? Number.POSITIVE_INFINITY;
  const now = options.now ?? Date.now;
  const byId = new Map<string, Device>();
  const inOrder: Device[] = [];
  let oldest: KeptMessage | null = null;
  let newest: KeptMessage | null = null;
  let bytes = 0;

  function deviceFor(deviceId: string): Device | undefined {
    const known = byId.get(deviceId);
    if (known !== undefined) return known;
    if (byId.size >= options.maxDevices) return undefined;
    const device = new Device(alone(deviceId), inOrder.length);
    byId.set(device.deviceId, device);
    inOrder.push(device);
    return device;
  }

  function keep(device: Device, message: DeviceMessage, messageBytes: number): void {
    if (device.ring?.full === true) drop(device.ring.oldest!, device);
    const ring = (device.ring ??= new MessageRing(historySize));
    const kept: KeptMessage = { message, bytes: messageBytes, older: newest, newer: null };
    if (newest === null) oldest = kept;
    else newest.newer = kept;
    newest = kept;
    ring.push(kept);
    bytes += messageBytes;
    while (bytes > maxBytes) drop(oldest!);
  }

  /** The oldest of its device, which goes out of the ring and of the list. */
  function drop(kept: KeptMessage, device = byId.get(kept.message.deviceId)!): void {
    const ring = device.ring!;
    ring.shift();
    if (ring.length === 0) device.ring = null;
    bytes -= kept.bytes;
    const { older, newer } = kept;
    if (older === null) oldest = newer;
    else older.newer = newer;
    if (newer === null) newest = older;
    else newer.older = older;
    // Whoever still holds it must not hold all that came after it.
    kept.older = null;
    kept.newer = null;
  }

  /** The list is in the order of arrival, so what has expired stands at its old end. */
  function dropExpired(at: number): void {
    const before = at - ttlMs;
    while (oldest !== null && oldest.message.receivedAt < before) drop(oldest);
  }

  return {
    epoch,
    keeps: historySize > 0,
    get devicesKnown() {
      return byId.size;
    },
    get bytes() {
      return bytes;
    },

    append(arrival: Arrival): DeviceMessage | undefined {
      const { payload, receivedAt } = arrival;
      const device = deviceFor(arrival.deviceId);
      if (device === undefined) return undefined;
      if (device.topic !== arrival.topic) device.topic = arrival.topic;
      device.sequence += 1;
      device.lastSeenAt = receivedAt;
      const message: DeviceMessage = {
        deviceId: device.deviceId,
        topic: device.topic,
        payload,
        receivedAt,
        epoch,
        sequence: device.sequence,
      };
      if (historySize > 0) {
        dropExpired(receivedAt);
        keep(device, message, arrival.payloadBytes + messageOverheadBytes);
      }
      return message;
    },

    pass(deviceId, receivedAt) {
      const device = deviceFor(deviceId);
      if (device === undefined) return false;
      device.sequence += 1;
      device.lastSeenAt = receivedAt;
      return true;
    },

    setAvailability(deviceId, availability) {
      const device = deviceFor(deviceId);
      if (device === undefined) return false;
      device.availability = availability;
      return true;
    },

    device: (deviceId) => byId.get(deviceId),
    devices: (fromOrdinal, count) => inOrder.slice(fromOrdinal, fromOrdinal + count),

    lastSequence: (deviceId) => byId.get(deviceId)?.sequence ?? 0,

    oldestKept(deviceId) {
      dropExpired(now());
      const device = byId.get(deviceId);
      if (device === undefined) return 1;
      return device.ring === null ? device.sequence + 1 : device.ring.oldest!.message.sequence;
    },

    readAfter(deviceId, sequence, limit) {
      dropExpired(now());
      return byId.get(deviceId)?.ring?.readAfter(sequence, limit) ?? [];
    },
  };
}

/** The text in memory of its own: a piece of a longer text would keep that for as long as the device is known. */
function alone(text: string): string {
  return Buffer.from(text).toString();
}

/** Base 36, so that it holds no `-`: the clock orders epochs for a reader, chance keeps two in one millisecond apart. */
function newEpoch(): string {
  const chance = Math.floor(Math.random() * 36 ** 4)
    .toString(36)
    .padStart(4, '0');
  return Date.now().toString(36) + chance;
}
