import type { DeviceMessage } from '../kernel/device-message.ts';
import { DeviceOrder } from './device-order.ts';
import type { Arrival, Notice } from '../kernel/arrival.ts';
import { KeptMessages } from './kept-messages.ts';
import type { Log } from './log.ts';
import { NumberedDevice } from './numbered-device.ts';

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
 * How many devices are examined to find one that makes room for a new one: the cost of
 * each new id in a flood of them.
 */
export const devicesLookedAt = 64;

/** The log of a single process, in memory: it is lost when the process ends. */
export function createMemoryLog(options: MemoryLogOptions): Log {
  const logEpoch = options.epoch ?? newEpoch();
  const deviceTtlMs = options.deviceTtlMs ?? Number.POSITIVE_INFINITY;
  const historySize = options.historySize ?? 0;
  const now = options.now ?? Date.now;
  const byId = new Map<string, NumberedDevice>();
  const inOrder = new DeviceOrder<NumberedDevice>();
  const kept = new KeptMessages<NumberedDevice>({
    maxPerDevice: historySize,
    ttlMs: options.historyTtlMs ?? Number.POSITIVE_INFINITY,
    maxBytes: options.historyMaxBytes ?? Number.POSITIVE_INFINITY,
    ownerOf: ({ deviceId }) => byId.get(deviceId)!,
  });
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

  function deviceFor(deviceId: string, at: number): NumberedDevice | undefined {
    const known = byId.get(deviceId);
    if (known !== undefined) return known;
    if (byId.size >= options.maxDevices && !makeRoom(at)) return undefined;
    const device = new NumberedDevice(alone(deviceId), nextOrdinal, epoch);
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

  function forget(device: NumberedDevice): void {
    kept.dropAllOf(device);
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
  function isInterrupted(device: NumberedDevice): boolean {
    return (
      device.knownInterruption < interruption &&
      (device.knownInterruption < interruptionOfAll || device.isAtMostOnce)
    );
  }

  /** Numbers the next message of the device, and marks it when it comes after an interruption. */
  function numberNext(device: NumberedDevice, { receivedAt, retained, atMostOnce }: Notice): void {
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
  function setLast(device: NumberedDevice, arrival: Arrival): DeviceMessage {
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
    if (historySize > 0) kept.keep(device, message, arrival.payloadBytes);
    return message;
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
      return kept.bytes;
    },

    append(arrival) {
      const device = deviceFor(arrival.deviceId, arrival.receivedAt);
      if (device === undefined) return undefined;
      numberNext(device, arrival);
      return setLast(device, arrival);
    },

    skip(notice) {
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
      kept.dropAllOf(device);
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
      kept.dropExpired(now());
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
      kept.dropExpired(now());
      const device = byId.get(deviceId);
      if (device === undefined) return 1;
      if (device.ring === null) return device.sequence + 1;
      // The retained state of a device has the number 0, and is not one of its messages.
      return Math.max(1, device.ring.oldest!.message.sequence);
    },

    readAfter(deviceId, sequence, limit) {
      kept.dropExpired(now());
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
