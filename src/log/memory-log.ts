import type { DeviceMessage } from '../kernel/device-message.ts';
import { DeviceOrder } from './device-order.ts';
import type { Arrival, Availability, Notice } from '../kernel/arrival.ts';
import type { DeviceRecord } from './device-directory.ts';
import type { Log } from './log.ts';
import { MessageRing, type KeptMessage } from './message-ring.ts';

export interface MemoryLogOptions {
  /** The maximum number of devices. A further device replaces one that makes room, or is refused. */
  readonly maxDevices: number;
  /**
   * A device that was silent for longer than this may be forgotten to make room for a
   * new one, in milliseconds. Default: never.
   */
  readonly deviceTtlMs?: number;
  /** Whether a device is watched: such a device is never forgotten. Default: no device is watched. */
  readonly watched?: (deviceId: string) => boolean;
  /** Called for each forgotten device, so it MUST be cheap. */
  readonly forgotten?: (deviceId: string) => void;
  /** The maximum number of kept messages of one device. 0: none. Default: 0. */
  readonly historySize?: number;
  /** How long a message is kept, in milliseconds. Default: no limit. */
  readonly historyTtlMs?: number;
  /**
   * The maximum memory of all kept messages, in bytes: the oldest ones are removed
   * first. Default: no limit.
   */
  readonly historyMaxBytes?: number;
  /** Milliseconds since 1970. Default: `Date.now`. */
  readonly now?: () => number;
  /** Distinguishes this log from earlier ones. Default: made from the clock and a random number. */
  readonly epoch?: string;
}

/**
 * The memory of a kept message besides its strings, in bytes: two objects, the headers
 * of two strings, its slot. Measured.
 */
export const messageOverheadBytes = 192;

/** What a retained message takes in addition, in bytes, for the member that only it has. Measured. */
const retainedOverheadBytes = 56;

/**
 * How many devices are examined to find one that makes room for a new one: the cost of
 * each new id in a flood of them.
 */
export const devicesLookedAt = 64;

class Device implements DeviceRecord {
  readonly deviceId: string;
  readonly ordinal: number;
  readonly epoch: string;
  lastSeenAt: number | null = null;
  /** When the last message or availability was read, retained or not, in milliseconds since 1970. */
  readAt = 0;
  sequence = 0;
  availability: Availability | null = null;
  /** The topic of its last message. Most devices use one topic: their messages share this string. */
  topic = '';
  ring: MessageRing | null = null;
  /** Whether its last message was deleted at the MQTT broker. */
  isCleared = false;
  /** Whether one of its messages came at QoS 0. */
  isAtMostOnce = false;
  /**
   * The newest interruption of the source when its last message came, whether it
   * affected the device or not.
   */
  knownInterruption = 0;
  /** The interruption that is written into its messages, as of the last one. */
  interruption = 0;
  interruptedAt = 0;

  constructor(deviceId: string, ordinal: number, epoch: string) {
    this.deviceId = deviceId;
    this.ordinal = ordinal;
    this.epoch = epoch;
  }
}

/**
 * The log of a single process, in memory: it is lost when the process ends.
 *
 * Each device has a ring of messages. One linked list runs through all rings in the
 * order of arrival; messages are removed from its old end when they are too old or too
 * many bytes are kept.
 */
export function createMemoryLog(options: MemoryLogOptions): Log {
  const logEpoch = options.epoch ?? newEpoch();
  const deviceTtlMs = options.deviceTtlMs ?? Number.POSITIVE_INFINITY;
  const historySize = options.historySize ?? 0;
  const ttlMs = options.historyTtlMs ?? Number.POSITIVE_INFINITY;
  const maxBytes = options.historyMaxBytes ?? Number.POSITIVE_INFINITY;
  const now = options.now ?? Date.now;
  const byId = new Map<string, Device>();
  const inOrder = new DeviceOrder<Device>();
  let nextOrdinal = 0;
  /**
   * The ordinal at which the next search for a device that makes room starts: it goes
   * round like the hand of a clock.
   */
  let hand = 0;
  /** The epoch of devices that are heard for the first time from now on. */
  let epoch = logEpoch;
  let generation = 0;
  let interruption = 0;
  /** The newest interruption that affected all devices. */
  let interruptionOfAll = 0;
  let devicesForgotten = 0;
  let oldest: KeptMessage | null = null;
  let newest: KeptMessage | null = null;
  let bytes = 0;

  function deviceFor(deviceId: string, at: number): Device | undefined {
    const known = byId.get(deviceId);
    if (known !== undefined) return known;
    if (byId.size >= options.maxDevices && !makeRoom(at)) return undefined;
    const device = new Device(alone(deviceId), nextOrdinal, epoch);
    nextOrdinal += 1;
    byId.set(device.deviceId, device);
    inOrder.add(device);
    return device;
  }

  /** Forgets one of the next few devices, if one of them was silent for long enough. */
  function makeRoom(at: number): boolean {
    const devices = inOrder.from(hand, devicesLookedAt);
    devices.push(...inOrder.from(0, devicesLookedAt - devices.length));
    for (const device of devices) {
      hand = device.ordinal + 1;
      if (at - device.readAt > deviceTtlMs && options.watched?.(device.deviceId) !== true) {
        forget(device);
        return true;
      }
    }
    return false;
  }

  function forget(device: Device): void {
    while (device.ring !== null) drop(device.ring.oldest!, device);
    byId.delete(device.deviceId);
    inOrder.remove(device);
    // If the device comes back, its epoch must differ. For a device of an older generation it
    // differs already.
    if (device.epoch === epoch) {
      generation += 1;
      epoch = logEpoch + generation.toString(36);
    }
    devicesForgotten += 1;
    options.forgotten?.(device.deviceId);
  }

  /**
   * Whether the source was interrupted since the device's last message in a way that
   * may have lost messages of it.
   */
  function isInterrupted(device: Device): boolean {
    return (
      device.knownInterruption < interruption &&
      (device.knownInterruption < interruptionOfAll || device.isAtMostOnce)
    );
  }

  /** Numbers the next message of the device, and marks it when it comes after an interruption. */
  function numberNext(device: Device, { receivedAt, retained, atMostOnce }: Notice): void {
    device.sequence += 1;
    device.readAt = receivedAt;
    if (!retained) device.lastSeenAt = receivedAt;
    if (atMostOnce) device.isAtMostOnce = true;
    if (device.knownInterruption === interruption) return;
    if (isInterrupted(device)) {
      device.interruption = interruption;
      device.interruptedAt = device.sequence;
    }
    device.knownInterruption = interruption;
  }

  /** Makes the message the last one of its device, with the device's current number. */
  function setLast(device: Device, arrival: Arrival): DeviceMessage {
    const { payload, receivedAt, retained } = arrival;
    if (device.topic !== arrival.topic) device.topic = arrival.topic;
    device.isCleared = false;
    const placed: DeviceMessage = {
      deviceId: device.deviceId,
      topic: device.topic,
      payload,
      receivedAt,
      retained,
      epoch: device.epoch,
      sequence: device.sequence,
      interruption: device.interruption,
      interruptedAt: device.interruptedAt,
    };
    // Only retained messages have `lastSeenAt`: in every message it would take 8 bytes.
    const message = retained ? { ...placed, lastSeenAt: device.lastSeenAt } : placed;
    if (historySize > 0) {
      dropExpired(receivedAt);
      const overheadBytes = messageOverheadBytes + (retained ? retainedOverheadBytes : 0);
      keep(device, message, arrival.payloadBytes + overheadBytes);
    }
    return message;
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

  /** Removes the oldest message of a device from its ring and from the list. */
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
    // A reader that still holds this message must not keep all later ones alive.
    kept.older = null;
    kept.newer = null;
  }

  /** The list is in the order of arrival, so expired messages are at its old end. */
  function dropExpired(at: number): void {
    const before = at - ttlMs;
    while (oldest !== null && oldest.message.receivedAt < before) drop(oldest);
  }

  return {
    epoch: logEpoch,
    keeps: historySize > 0,
    get devicesKnown() {
      return byId.size;
    },
    get devicesForgotten() {
      return devicesForgotten;
    },
    get bytes() {
      return bytes;
    },

    append(arrival) {
      const device = deviceFor(arrival.deviceId, arrival.receivedAt);
      if (device === undefined) return undefined;
      numberNext(device, arrival);
      return setLast(device, arrival);
    },

    pass(notice) {
      const device = deviceFor(notice.deviceId, notice.receivedAt);
      if (device === undefined) return false;
      numberNext(device, notice);
      return true;
    },

    keepState(arrival) {
      const device = deviceFor(arrival.deviceId, arrival.receivedAt);
      if (device === undefined) return false;
      if (device.sequence > 0) return true;
      device.readAt = arrival.receivedAt;
      if (device.ring !== null) drop(device.ring.oldest!, device);
      setLast(device, arrival);
      return true;
    },

    clear(deviceId, topic) {
      const device = byId.get(deviceId);
      if (device?.topic === topic) device.isCleared = true;
    },

    interrupt(concerned) {
      interruption += 1;
      if (concerned === 'all') interruptionOfAll = interruption;
    },

    get interruption() {
      return interruption;
    },

    interruptionAt(deviceId, sequence) {
      const device = byId.get(deviceId);
      if (device === undefined) return sequence > 0 ? interruption : 0;
      if (sequence > device.sequence) {
        return isInterrupted(device) ? interruption : device.interruption;
      }
      const next = device.ring?.readAfter(sequence - 1, 1)[0] ?? device;
      return next.interruptedAt > sequence ? next.interruption - 1 : next.interruption;
    },

    setAvailability(deviceId, availability) {
      const device = deviceFor(deviceId, availability.at);
      if (device === undefined) return false;
      device.readAt = availability.at;
      const isKnown = device.availability?.online === availability.online;
      // A retained message that repeats the known state keeps the time of the first one.
      if (!availability.retained || !isKnown) device.availability = availability;
      return true;
    },

    device: (deviceId) => byId.get(deviceId),

    lastMessage(deviceId) {
      dropExpired(now());
      const device = byId.get(deviceId);
      if (device === undefined || device.isCleared) return undefined;
      return device.ring?.readAfter(device.sequence - 1, 1)[0];
    },

    // Everything that this process has numbered is in memory.
    open: () => undefined,

    devices: (fromOrdinal, count) => inOrder.from(fromOrdinal, count),

    epochOf: (deviceId) => byId.get(deviceId)?.epoch ?? epoch,

    lastSequence: (deviceId) => byId.get(deviceId)?.sequence ?? 0,

    oldestKept(deviceId) {
      dropExpired(now());
      const device = byId.get(deviceId);
      if (device === undefined) return 1;
      if (device.ring === null) return device.sequence + 1;
      // The retained state of a device has the number 0, and is not one of its messages.
      return Math.max(1, device.ring.oldest!.message.sequence);
    },

    readAfter(deviceId, sequence, limit) {
      dropExpired(now());
      return byId.get(deviceId)?.ring?.readAfter(sequence, limit) ?? [];
    },
  };
}

/**
 * Copies the text: a slice of a longer string would keep that string in memory for as
 * long as the device is known.
 */
function alone(text: string): string {
  return Buffer.from(text).toString();
}

/**
 * An epoch in base 36, so that it contains no `-`. The clock makes epochs sort by time
 * for a human reader; a random part distinguishes two in one millisecond. All have
 * twelve characters until the year 2059, so an epoch with a generation appended never
 * equals that of another log.
 */
function newEpoch(): string {
  const chance = Math.floor(Math.random() * 36 ** 4)
    .toString(36)
    .padStart(4, '0');
  return Date.now().toString(36) + chance;
}
