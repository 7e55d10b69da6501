import { describe, expect, it } from 'vitest';
import { parseJsonPointer } from '../../src/ingest/device-id.ts';
import { createIngest, type Ingest, type IngestOptions } from '../../src/ingest/ingest.ts';
import { rejectionReasons } from '../../src/kernel/rejection.ts';
import { parseTopicTemplate } from '../../src/config/topic-template.ts';
import type { Arrival, Notice } from '../../src/kernel/arrival.ts';

interface Started {
  readonly ingest: Ingest;
  readonly arrivals: readonly Arrival[];
  /** The id of each arrival, in order. */
  readonly ids: () => string[];
  readonly rejected: readonly [reason: string, topic: string][];
  /** The id of each message that was only counted, in order. */
  readonly skipped: readonly string[];
  /** What was kept as the state of a device, in order. */
  readonly states: readonly Arrival[];
  /** Whose retained message was deleted, in order. */
  readonly cleared: readonly [deviceId: string, topic: string][];
  readonly receive: Receive;
  readonly receiveRetained: Receive;
}

type Receive = (
  topic: string,
  payload: string | Uint8Array,
  subscriptions?: readonly number[],
) => void;

/** How most messages come. */
const published = { retained: false, qos: 1 } as const;

function start(
  topics: readonly string[],
  { pointer, ...options }: Partial<IngestOptions> & { readonly pointer?: string } = {},
): Started {
  const arrivals: Arrival[] = [];
  const rejected: [string, string][] = [];
  const skipped: string[] = [];
  const states: Arrival[] = [];
  const cleared: [string, string][] = [];
  let clock = 1_000;
  const ingest = createIngest({
    templates: topics.map((text) =>
      parseTopicTemplate(text, { deviceIdRequired: pointer === undefined }),
    ),
    deviceIdPointer: pointer === undefined ? undefined : parseJsonPointer(pointer),
    maxPayloadBytes: 100,
    maxMessagesPerPayload: 10,
    retained: 'deliver',
    now: () => (clock += 1),
    accept(arrival) {
      arrivals.push(arrival);
      return true;
    },
    wanted: () => true,
    keepState(arrival) {
      states.push(arrival);
      return true;
    },
    skip({ deviceId }) {
      skipped.push(deviceId);
      return true;
    },
    clear: (deviceId, topic) => cleared.push([deviceId, topic]),
    rejected: (reason, topic) => rejected.push([reason, topic]),
    ...options,
  });
  return {
    ingest,
    arrivals,
    ids: () => arrivals.map(({ deviceId }) => deviceId),
    rejected,
    skipped,
    states,
    cleared,
    receive(topic, payload, subscriptions) {
      ingest.receive({ ...published, topic, payload: Buffer.from(payload), subscriptions });
    },
    receiveRetained(topic, payload, subscriptions) {
      const message = { topic, payload: Buffer.from(payload), subscriptions };
      ingest.receive({ ...published, ...message, retained: true });
    },
  };
}

describe('a message whose device id stands in the topic', () => {
  it('arrives with its topic, its text and the time', () => {
    const { receive, arrivals } = start(['devices/{deviceId}/messages']);
    receive('devices/a/messages', ' {"n": 1.0} ');
    expect(arrivals).toEqual([
      {
        deviceId: 'a',
        topic: 'devices/a/messages',
        payload: '{"n": 1.0}',
        payloadBytes: 10,
        receivedAt: 1_001,
        retained: false,
        atMostOnce: false,
      },
    ]);
  });

  it('arrives once for each object of an array, in order', () => {
    const { receive, arrivals } = start(['{deviceId}']);
    receive('a', '[{"n":1},{"n":2}]');
    expect(arrivals.map(({ payload }) => payload)).toEqual(['{"n":1}', '{"n":2}']);
  });

  it('does not have the id of its payload', () => {
    const { receive, ids } = start(['{deviceId}/#']);
    receive('a/x', '{"id":"b","deviceId":"c"}');
    expect(ids()).toEqual(['a']);
  });

  it('belongs to the device of the first template that matches', () => {
    const { receive, ids } = start(['x/{deviceId}/#', '{deviceId}/#']);
    receive('x/a', '1');
    receive('y/a', '1');
    expect(ids()).toEqual(['a', 'y']);
  });
});

describe('templates that overlap', () => {
  const overlapping = ['site/{deviceId}/#', 'site/+/{deviceId}', '#'];

  it('bring a message once, when the MQTT broker sends a copy for each', () => {
    const { receive, ids } = start(overlapping, { pointer: '/id' });
    for (const subscription of [2, 1, 0]) receive('site/a/b', '{"id":"d"}', [subscription]);
    expect(ids()).toEqual(['d']);
  });

  it('bring a message once, when the MQTT broker sends one copy for all', () => {
    const { receive, ids } = start(overlapping.slice(0, 2));
    receive('site/a/b', '1', [1, 0]);
    expect(ids()).toEqual(['a']);
  });

  it('bring every message of a broker that says nothing about subscriptions', () => {
    const { receive, ids } = start(overlapping.slice(0, 2));
    receive('site/a/b', '1');
    receive('site/a/b', '1');
    expect(ids()).toEqual(['a', 'a']);
  });

  it('reject nothing when they pass over a copy', () => {
    const { receive, ingest, rejected } = start(overlapping.slice(0, 2));
    receive('site/a/b', 'nonsense', [1]);
    expect(rejected).toEqual([]);
    expect(ingest.rejections.NOT_JSON).toBe(0);
  });

  it('bring what only the second one matches', () => {
    const { receive, ids } = start(['x/{deviceId}', 'y/{deviceId}']);
    receive('y/a', '1', [1]);
    expect(ids()).toEqual(['a']);
  });
});

describe('a message whose device id stands in the payload', () => {
  it('has its own id for each object of an array', () => {
    const { receive, ids } = start(['#'], { pointer: '/id' });
    receive('t', '[{"id":"a"},{"id":12345678901234567890},{"id":"a"}]');
    expect(ids()).toEqual(['a', '12345678901234567890', 'a']);
  });

  it('is rejected without the others of its payload', () => {
    const { receive, ids, rejected } = start(['#'], { pointer: '/id' });
    receive('t', '{"id":"a"}\n{"no":"id"}\n{bad\n{"id":"b"}');
    expect(ids()).toEqual(['a', 'b']);
    expect(rejected).toEqual([
      ['NO_DEVICE_ID', 't'],
      ['NOT_JSON', 't'],
    ]);
  });
});

describe('rejections', () => {
  it('begin at 0 for each reason', () => {
    const { ingest } = start(['{deviceId}']);
    expect(Object.keys(ingest.rejections)).toEqual([...rejectionReasons]);
    expect(Object.values(ingest.rejections).every((count) => count === 0)).toBe(true);
  });

  it.each([
    ['TOO_LARGE', 'd/a', `"${'x'.repeat(99)}"`],
    ['TOO_MANY_MESSAGES', 'd/a', `[${'{},'.repeat(10)}{}]`],
    ['EMPTY', 'd/a', ' '],
    ['EMPTY', 'd/a', '[]'],
    ['INVALID_UTF8', 'd/a', Uint8Array.of(0xff)],
    ['NOT_JSON', 'd/a', 'x'],
    ['UNWANTED_TOPIC', 'elsewhere', '1'],
    ['UNWANTED_TOPIC', 'elsewhere', ''],
    ['NO_DEVICE_ID', 'd/', '1'],
    ['NO_DEVICE_ID', 'd/', ''],
    ['BAD_DEVICE_ID', 'd/a\u0007', ''],
    ['BAD_DEVICE_ID', `d/${'x'.repeat(257)}`, '1'],
    ['BAD_DEVICE_ID', 'd/a\u0007', '1'],
  ] as const)('count %s, once, with the topic: %j', (reason, topic, payload) => {
    const { receive, ingest, rejected, arrivals } = start(['d/{deviceId}']);
    receive(topic, payload);
    expect(rejected).toEqual([[reason, topic]]);
    for (const each of rejectionReasons) {
      expect(ingest.rejections[each]).toBe(each === reason ? 1 : 0);
    }
    expect(arrivals).toEqual([]);
  });

  it('count TOO_MANY_DEVICES when there is no place for the device', () => {
    const { receive, ingest, rejected } = start(['{deviceId}'], { accept: () => false });
    receive('a', '[{},{}]');
    expect(ingest.rejections.TOO_MANY_DEVICES).toBe(2);
    expect(rejected).toHaveLength(2);
  });

  it('count each message of an array by itself', () => {
    const { receive, ingest } = start(['#'], { pointer: '/id' });
    receive('t', String.raw`[{"id":""},{"id":null},{"id":"\ud800"},{"id":"ok"}]`);
    expect(ingest.rejections).toMatchObject({ NO_DEVICE_ID: 2, BAD_DEVICE_ID: 1 });
  });
});

describe('a message of a device that nobody wants', () => {
  const wanted = (deviceId: string) => deviceId !== 'a';
  const topics = ['devices/{deviceId}/messages'];

  it('is counted and not looked into', () => {
    const { receive, skipped, ids } = start(topics, { wanted });
    receive('devices/a/messages', '{"n":1}');
    receive('devices/b/messages', '{"n":1}');
    receive('devices/a/messages', '{not parsed}');
    expect(skipped).toEqual(['a', 'a']);
    expect(ids()).toEqual(['b']);
  });

  it.each([
    ['an array, which may be many messages', '[{"n":1},{"n":2}]', 2, []],
    ['lines, which may be many messages', '{"n":1}\n{"n":2}', 2, []],
    ['no object by its looks', 'garbage', 0, ['NOT_JSON']],
    ['too long', `{"x":"${'x'.repeat(200)}"}`, 0, ['TOO_LARGE']],
  ])('is looked into when it is %s', (_what, payload, arrived, reasons) => {
    const { receive, skipped, ids, rejected } = start(topics, { wanted });
    receive('devices/a/messages', payload);
    expect(skipped).toEqual([]);
    expect(ids()).toHaveLength(arrived);
    expect(rejected.map(([reason]) => reason)).toEqual(reasons);
  });

  it('is rejected when its id is none, and when there is no place for its device', () => {
    const { receive, rejected } = start(['{deviceId}'], { wanted: () => false, skip: () => false });
    receive('x'.repeat(257), '{}');
    receive('a', '{}');
    expect(rejected.map(([reason]) => reason)).toEqual(['BAD_DEVICE_ID', 'TOO_MANY_DEVICES']);
  });

  it('is looked into when the id stands in the payload', () => {
    const { receive, ids } = start(['#'], { pointer: '/id', wanted: () => false });
    receive('t', '{"id":"a"}');
    expect(ids()).toEqual(['a']);
  });
});

describe('a message without a payload', () => {
  it('is counted as cleared, tells of which device, and is not rejected', () => {
    const { receive, ingest, cleared, arrivals, rejected } = start(['d/{deviceId}/#']);
    receive('d/a/x', '');
    expect(cleared).toEqual([['a', 'd/a/x']]);
    expect(ingest.cleared).toBe(1);
    expect([arrivals, rejected]).toEqual([[], []]);
  });

  it('is counted alone where the device id would stand in it', () => {
    const { receive, ingest, cleared, rejected } = start(['#'], { pointer: '/id' });
    receive('t', '');
    expect(ingest.cleared).toBe(1);
    expect([cleared, rejected]).toEqual([[], []]);
  });
});

describe('a retained message', () => {
  it('arrives as such', () => {
    const { receiveRetained, arrivals } = start(['{deviceId}']);
    receiveRetained('a', '1');
    expect(arrivals).toMatchObject([{ deviceId: 'a', retained: true }]);
  });

  it('is the state of its device and nothing else where that is asked for', () => {
    const { receive, receiveRetained, arrivals, states } = start(['{deviceId}'], {
      retained: 'state',
    });
    receiveRetained('a', '1');
    receive('a', '2');
    expect(states).toMatchObject([{ deviceId: 'a', payload: '1', retained: true }]);
    expect(arrivals).toMatchObject([{ deviceId: 'a', payload: '2', retained: false }]);
  });

  it('is nothing where that is asked for, not even rejected', () => {
    const { receiveRetained, arrivals, states, rejected } = start(['{deviceId}'], {
      retained: 'ignore',
    });
    receiveRetained('a', '1');
    receiveRetained('a', 'nonsense');
    expect([arrivals, states, rejected]).toEqual([[], [], []]);
  });

  it('is passed on as such when nobody wants its device', () => {
    const notices: Notice[] = [];
    const { receiveRetained } = start(['{deviceId}'], {
      wanted: () => false,
      skip: (notice) => notices.push(notice) > 0,
    });
    receiveRetained('a', '{}');
    expect(notices).toMatchObject([{ deviceId: 'a', retained: true }]);
  });
});

it.each([
  [0, true],
  [1, false],
  [2, false],
] as const)('a message of QoS %i arrives at most once: %s', (qos, atMostOnce) => {
  const { ingest, arrivals } = start(['{deviceId}']);
  ingest.receive({ topic: 'a', payload: Buffer.from('1'), retained: false, qos });
  expect(arrivals).toMatchObject([{ atMostOnce }]);
});
