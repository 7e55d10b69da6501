import { effect, signal } from '@preact/signals';
import { client, messagesReceived } from './connection.ts';
import { forgetFieldsOf, recordFields } from './fields.ts';
import { onNextFrame } from './frame.ts';
import { jsonText } from './json-text.ts';
import type { DeviceMessage, DeviceMessageStream } from 'sluice-client';
import { forgetTrackOf, recordTrack } from './tracks.ts';
import { isWatched, watched } from './watched.ts';

/** One line of the stream: a message, or what was missed before one. */
export type Entry =
  | {
      readonly kind: 'message';
      readonly id: number;
      readonly message: DeviceMessage;
      readonly receivedAt: number;
      /** The payload as JSON. */
      readonly text: string;
      /** What a filter looks into. */
      readonly searched: string;
    }
  | {
      readonly kind: 'gap';
      readonly id: number;
      readonly deviceId: string;
      readonly receivedAt: number;
      readonly gap: NonNullable<DeviceMessage['gap']>;
    };

/** Entries that are kept, and characters of payloads: messages of 256 KiB are fewer. */
export const mostEntries = 2_000;
const mostCharacters = 8_000_000;
/** Kept messages that come first when a device is picked: something is seen at once. */
export const replay = 60;

const entries: Entry[] = [];
let characters = 0;
let nextId = 0;
let nextNumber = 0;

/** Counts up with every frame in which something came. */
export const arrivals = signal(0);
export const streamError = signal<string | undefined>(undefined);
/** The last message of each watched device. */
export const lastMessages = new Map<string, DeviceMessage>();

/** The newest first. */
export function newestEntries(): readonly Entry[] {
  return entries.toReversed();
}

/** Messages that have come since the page was opened. */
export function messageCount(): number {
  return nextNumber;
}

export function clearEntries(): void {
  entries.length = 0;
  characters = 0;
  tell();
}

function tell(): void {
  arrivals.value += 1;
}

function take(message: DeviceMessage): void {
  // On its way when its device was let go.
  if (!isWatched(message.deviceId)) return;
  messagesReceived.value += 1;
  const receivedAt = Date.parse(message.receivedAt);
  if (message.gap !== null) {
    const { deviceId, gap } = message;
    entries.push({ kind: 'gap', id: nextId++, deviceId, receivedAt, gap });
  }
  const text = jsonText(message.payload);
  nextNumber += 1;
  characters += text.length;
  entries.push({
    kind: 'message',
    id: nextId++,
    message,
    receivedAt,
    text,
    searched: `${message.deviceId} ${text.slice(0, 10_000)}`.toLowerCase(),
  });
  trim();
  lastMessages.set(message.deviceId, message);
  recordFields(message, receivedAt);
  recordTrack(message, receivedAt);
  onNextFrame(tell);
}

/** In steps: to move two thousand for each message would be the most of the work. */
function trim(): void {
  if (entries.length <= mostEntries * 1.2 && characters <= mostCharacters * 1.2) return;
  let from = Math.max(0, entries.length - mostEntries);
  for (const entry of entries.slice(0, from)) characters -= lengthOf(entry);
  for (; characters > mostCharacters && from < entries.length - 1; from += 1) {
    characters -= lengthOf(entries[from]!);
  }
  entries.splice(0, from);
}

function lengthOf(entry: Entry): number {
  return entry.kind === 'message' ? entry.text.length : 0;
}

async function read(stream: DeviceMessageStream): Promise<void> {
  try {
    for await (const message of stream) take(message);
    streamError.value = undefined;
  } catch (error) {
    streamError.value = error instanceof Error ? error.message : String(error);
  }
  // The next choice of devices begins a new one.
  if (open?.stream === stream) open = undefined;
}

let known = new Set<string>();

// Before the stream is told, so that a device that comes back begins anew.
effect(() => {
  const wanted = new Set(watched.value.keys());
  for (const id of known) {
    if (wanted.has(id)) continue;
    lastMessages.delete(id);
    forgetFieldsOf(id);
    forgetTrackOf(id);
  }
  known = wanted;
});

/** The stream of the client of now, and whom it follows: devices join and leave it without a new one. */
let open: { stream: DeviceMessageStream; ids: Set<string>; of: unknown } | undefined;

effect(() => {
  const from = client.value;
  const wanted = new Set(watched.value.keys());
  if (open !== undefined && (open.of !== from || wanted.size === 0)) {
    void open.stream.return?.();
    open = undefined;
  }
  if (from === undefined || wanted.size === 0) return;
  if (open === undefined) {
    streamError.value = undefined;
    const stream = from.deviceMessages({
      deviceIds: [...wanted],
      replay,
      after: positionsOf(wanted),
    });
    open = { stream, ids: wanted, of: from };
    void read(stream);
    return;
  }
  const joined = [...wanted].filter((id) => !open!.ids.has(id));
  const left = [...open.ids].filter((id) => !wanted.has(id));
  if (joined.length > 0) open.stream.add(...joined);
  if (left.length > 0) open.stream.remove(...left);
  open.ids = wanted;
});

/** Where an earlier stream was with these devices, so that another transport goes on there. */
function positionsOf(ids: ReadonlySet<string>): { deviceId: string; position: string }[] {
  return [...ids].flatMap((deviceId) => {
    const position = lastMessages.get(deviceId)?.position;
    return position === undefined ? [] : [{ deviceId, position }];
  });
}
