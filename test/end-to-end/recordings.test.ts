import { describe, expect, it } from 'vitest';
import type { RejectionReason } from '../../src/kernel/rejection.ts';
import type { StreamedMessage } from '../support/arrivals.ts';
import { connectDevice } from '../support/device.ts';
import { startTestGateway } from '../support/gateway.ts';
import { memberText } from '../support/json-text.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { readRecordings, recordingsAre, type Recorded } from '../support/recordings.ts';
import { rejectionsOf } from '../support/rejections.ts';
import { isPlain, openStreams, streamKinds, type StreamKind } from '../support/streams.ts';

/** How the gateway is to find the device ids of a recording. */
interface Reading {
  readonly topics: readonly string[];
  readonly deviceIdPointer?: string;
}

const readings: Record<string, readonly Reading[]> = {
  owntracks: [{ topics: ['owntracks/+/{deviceId}/#'] }],
  tasmota: [
    {
      topics: [
        'tele/{deviceId}/#',
        'stat/{deviceId}/#',
        'state/{deviceId}/LWT',
        '{deviceId}/stat/+',
        'emoncms/+/factory/{deviceId}/#',
      ],
    },
  ],
  rtl_433: [
    { topics: ['rtl_433/+/devices/+/{deviceId}', 'rtl_433/+/devices/+/{deviceId}/+'] },
    { topics: ['rtl_433/+/devices/+/+/{deviceId}/+'] },
    { topics: ['rtl_433/+/events', 'rtl_433/+/devices/#'], deviceIdPointer: '/id' },
  ],
  ttn: [
    { topics: ['v3/+/devices/{deviceId}/#'] },
    { topics: ['v3/+/devices/+/up'], deviceIdPointer: '/end_device_ids/device_id' },
  ],
  gps_tracker: [{ topics: ['gps/#'], deviceIdPointer: '/device_id' }],
  gps_replay: [{ topics: ['gps/+/position', 'gps/#'], deviceIdPointer: '/device_id' }],
  sample: [{ topics: ['devices/{deviceId}/messages'] }],
};

/** What one MQTT message is to become: the model, which shares nothing with the gateway. */
type Expected = { deviceId: string; text: string } | { rejected: RejectionReason } | 'cleared';

function expectedOf(message: Recorded, reading: Reading): Expected[] {
  const template = reading.topics.find((text) => levelsMatch(text, message.topic));
  if (template === undefined) return [];
  const fromTopic = message.topic.split('/')[template.split('/').indexOf('{deviceId}')];
  return textsOf(message.payload).map((text) => {
    if (text === 'cleared' || 'rejected' in text) return text;
    const id =
      reading.deviceIdPointer === undefined
        ? fromTopic
        : pointedAt(reading.deviceIdPointer, text.text);
    return id === undefined || id === ''
      ? { rejected: 'NO_DEVICE_ID' }
      : { deviceId: id, text: text.text };
  });
}

function levelsMatch(template: string, topic: string): boolean {
  const wanted = template.split('/');
  const levels = topic.split('/');
  if (wanted.at(-1) === '#') {
    wanted.pop();
    // The level above the # is in.
    if (levels.length < wanted.length) return false;
    levels.length = wanted.length;
  }
  return (
    wanted.length === levels.length &&
    wanted.every((level, i) => level === '+' || level === '{deviceId}' || level === levels[i])
  );
}

function pointedAt(pointer: string, text: string): string | undefined {
  const names = pointer.split('/').slice(1);
  let found: unknown = JSON.parse(text);
  for (const name of names) found = (found as Record<string, unknown> | null)?.[name];
  // A number is its digits, which a parser may have rounded.
  if (typeof found === 'number') return memberText(text, ...names);
  return typeof found === 'string' ? found : undefined;
}

function textsOf(
  payload: Buffer,
): ({ text: string } | { rejected: RejectionReason } | 'cleared')[] {
  if (payload.length === 0) return ['cleared'];
  const text = trimmed(payload.toString());
  if (!Buffer.from(payload.toString()).equals(payload)) return [{ rejected: 'INVALID_UTF8' }];
  if (text === '') return [{ rejected: 'EMPTY' }];
  if (isJson(text)) {
    const value = JSON.parse(text) as unknown;
    if (!Array.isArray(value)) return [{ text }];
    if (value.length === 0) return [{ rejected: 'EMPTY' }];
    if (!value.every(isObject)) return [{ text }];
    return elementsOf(text, value.length).map((element) => ({ text: element }));
  }
  const lines = text
    .split('\n')
    .map(trimmed)
    .filter((line) => line !== '');
  if (lines.length > 1 && isJson(lines[0]!) && isObject(JSON.parse(lines[0]!))) {
    return lines.map((line) => (isJson(line) ? { text: line } : { rejected: 'NOT_JSON' }));
  }
  return [{ rejected: 'NOT_JSON' }];
}

/** Of an array of objects: each goes from a brace to the first one with which it is JSON. */
function elementsOf(array: string, count: number): string[] {
  const elements: string[] = [];
  let start = array.indexOf('{');
  while (elements.length < count) {
    let end = array.indexOf('}', start) + 1;
    while (!isJson(array.slice(start, end))) end = array.indexOf('}', end) + 1;
    elements.push(array.slice(start, end));
    start = array.indexOf('{', end);
  }
  return elements;
}

function onPlainStream(deviceId: string, text: string): StreamedMessage {
  const value = JSON.parse(text) as unknown;
  const id = JSON.stringify(deviceId);
  if (!isObject(value)) {
    return { deviceId, payloadText: `{"device_id":${id},"value":${text}}` };
  }
  if ('device_id' in value) return { deviceId: String(value.device_id), payloadText: text };
  const members = text.slice(1).replace(/^[ \t\r\n]+/, '');
  return {
    deviceId,
    payloadText: members === '}' ? `{"device_id":${id}}` : `{"device_id":${id},${members}`,
  };
}

/** What a client reads on that stream when a device has sent that text. */
function onStream(kind: StreamKind, deviceId: string, text: string): StreamedMessage {
  const message = isPlain(kind) ? onPlainStream(deviceId, text) : { deviceId, payloadText: text };
  if (!kind.endsWith('sse') && !kind.endsWith('multipart')) return message;
  // The lines of an event, and of a part, have no other ends. In JSON they are white space, never part of a value.
  return { ...message, payloadText: message.payloadText.replaceAll(/\r\n?/g, '\n') };
}

function trimmed(text: string): string {
  return text.replace(/^[ \t\r\n]+/, '').replace(/[ \t\r\n]+$/, '');
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The texts of each device in their order: no order is promised across devices. */
function byDevice(messages: readonly StreamedMessage[]): Map<string, string[]> {
  const texts = new Map<string, string[]>();
  for (const { deviceId, payloadText } of messages) {
    texts.set(deviceId, [...(texts.get(deviceId) ?? []), payloadText]);
  }
  return texts;
}

/** Publishes all, and compares what comes over the four streams and what is counted with the model. */
async function replays(messages: readonly Recorded[], reading: Reading): Promise<void> {
  const expected = messages.flatMap((message) => expectedOf(message, reading));
  const cleared = expected.filter((outcome) => outcome === 'cleared').length;
  const others = expected.filter((outcome) => outcome !== 'cleared');
  const arriving = others.filter((outcome) => 'deviceId' in outcome);
  const rejected: Partial<Record<RejectionReason, number>> = {};
  for (const outcome of others) {
    if ('rejected' in outcome) rejected[outcome.rejected] = (rejected[outcome.rejected] ?? 0) + 1;
  }

  await using mosquitto = await startMosquitto();
  await using gateway = await startTestGateway({
    mqttUrl: mosquitto.url,
    // All of them may wait: what a full queue does is not the question here.
    queueSize: 10_000,
    ...reading,
  });
  await using device = await connectDevice(mosquitto.url);
  const deviceIds = [...new Set(arriving.map(({ deviceId }) => deviceId))];
  const streams = await openStreams(streamKinds, gateway, deviceIds);
  await device.publishAll(messages);

  for (const [i, stream] of streams.entries()) {
    const kind = streamKinds[i]!;
    const wanted = arriving.map(({ deviceId, text }) => onStream(kind, deviceId, text));
    expect(byDevice(await stream.take(arriving.length)), kind).toEqual(byDevice(wanted));
  }
  await gateway.until(
    ({ totalMessagesProcessed, messagesRejected, messagesCleared }) =>
      totalMessagesProcessed + messagesRejected + messagesCleared >= expected.length,
  );
  const stats = gateway.stats();
  expect({
    processed: stats.totalMessagesProcessed,
    delivered: stats.messagesDelivered,
    dropped: stats.messagesDropped,
    known: stats.devicesKnown,
    cleared: stats.messagesCleared,
    rejected: rejectionsOf(gateway),
  }).toEqual({
    processed: arriving.length,
    delivered: arriving.length * streamKinds.length,
    dropped: 0,
    known: deviceIds.length,
    cleared,
    rejected,
  });
  for (const stream of streams) await stream.close();
}

describe(`with ${recordingsAre}`, () => {
  for (const { name, messages } of readRecordings()) {
    for (const reading of readings[name] ?? [{ topics: ['{deviceId}/#'] }]) {
      // The sample has not every form of topic that the recordings have.
      if (!messages.some(({ topic }) => reading.topics.some((text) => levelsMatch(text, topic)))) {
        continue;
      }
      const { topics, deviceIdPointer } = reading;
      const by = deviceIdPointer === undefined ? topics.join(', ') : deviceIdPointer;
      it(`delivers ${name} by ${by} over every stream, digit for digit and in order`, async () => {
        await replays(messages, reading);
      });
    }
  }
});

describe('a payload', () => {
  it.each([
    ['a number beyond 2^53', '{"n":12345678901234567890123,"m":-9007199254740993}'],
    ['numbers that print differently', '{"a":1.0,"b":1e5,"c":-0,"d":0.10,"e":1E+2,"f":[1.50]}'],
    ['a bare number', '1.0'],
    ['a bare negative zero', '-0'],
    ['a bare number beyond 2^53', '9007199254740993'],
    ['escapes', String.raw`{"\u0061":"\u00e9\/\ud83d\ude00\u2028","\\":"\t"}`],
    ['half a surrogate pair, as an escape', String.raw`{"half":"\ud83d"}`],
    ['characters beyond ASCII', '{"größe":"🛰️ \u2028 \u2029"}'],
    ['a key twice', '{"a":1,"a":2}'],
    ['a key that is special in JavaScript', '{"__proto__":{"device_id":1},"constructor":null}'],
    ['white space inside', '{ "a" :\t1 ,\r\n "b" : [ ] }'],
    ['white space around', ' \t\r\n{"a":1}\r\n '],
    ['an array of values', '[1.0, {"a":2}]'],
    ['an array in an array', '[[{"a":1.0}]]'],
    ['an array of objects', '[ {"a":1.0} ,{"b":"},{"}]'],
    ['an object that names its device', '{"device_id":"d","n":1.0}'],
    ['an object that names another device', '{"n":1.0,"device_id":"other"}'],
    ['an empty object', '{ }'],
    ['null', 'null'],
    ['a text', '"{\\"a\\":1.0}"'],
    ['newline-delimited JSON', '{"a":1.0}\n\n2.0\r\n{"b":}\n"three"'],
    ['lines of which the first is no object', '1\n2'],
    ['nothing but white space', ' \r\n\t'],
    ['no byte', ''],
    ['an empty array', '[ ]'],
  ])('arrives as it was sent: %s', async (_what, payload) => {
    await replays(
      [
        { topic: 'devices/d/messages', payload: Buffer.from(payload), retain: false },
        // What follows a rejected message arrives.
        { topic: 'devices/d/messages', payload: Buffer.from('"last"'), retain: false },
      ],
      { topics: ['devices/{deviceId}/messages'] },
    );
  });
});
