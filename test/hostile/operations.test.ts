import { describe, expect } from 'vitest';
import { openProtocol } from '../support/graphql-transport-ws.ts';
import { memoryInUse } from '../support/memory.ts';
import { post } from '../support/multipart.ts';
import { refusalsOf } from '../support/refusals.ts';
import {
  connect,
  fillTurns,
  names,
  postText,
  withstands,
  type Attack,
  type Scene,
} from './scene.ts';

interface Operation {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly extensions?: Record<string, unknown>;
}

/** Has this answer over each way that has one; its text, with whatever the wire adds. */
async function askEverywhere(scene: Scene, operation: Operation): Promise<string[]> {
  const accepts = [
    'application/graphql-response+json',
    'application/json',
    'text/event-stream',
    'multipart/mixed;subscriptionSpec=1.0',
  ];
  const answers: string[] = [];
  for (const accept of accepts) {
    answers.push(await (await post(scene.gateway, operation, { accept })).text());
  }
  await using client = await openProtocol(scene.gateway.webSocketUrl);
  client.subscribe('1', operation);
  answers.push(JSON.stringify(await client.rest()));
  return answers;
}

/** Each of them is one error and hardly anything else. */
function expectRefused(answers: readonly string[], code: string): void {
  for (const answer of answers) {
    expect(answer.match(/"message":/g)).toHaveLength(1);
    expect(answer).toContain(`"code":"${code}"`);
    expect(answer.length).toBeLessThan(600);
  }
}

/** Messages of many devices. */
async function publishTo(
  { device, gateway }: Scene,
  { devices, each, payload }: { devices: number; each: number; payload: string },
): Promise<void> {
  const before = gateway.stats().totalMessagesProcessed;
  await device.publishAll(
    Array.from({ length: devices * each }, (_, n) => ({
      topic: `devices/device-${n % devices}/messages`,
      payload,
    })),
  );
  await gateway.until(
    ({ totalMessagesProcessed }) => totalMessagesProcessed === before + devices * each,
  );
}

const follow = 'deviceMessages(deviceIds: ["a"])';

/** Documents that are refused for their size or for what they repeat, whatever they are sent by. */
const documents: [string, string][] = [
  [
    'C1: payload under 490 names',
    `{ devices { nodes { messages { ${names(490, 'payload')} } } } }`,
  ],
  [
    'C2: last messages under 240 names',
    `{ devices { nodes { ${names(240, 'lastMessage { deviceId }')} } } }`,
  ],
  ['C2: device fields under 490 names', `{ devices { nodes { ${names(490, 'lastSeenAt')} } } }`],
  [
    'C4, H7: payload under names in a fragment on the root type of a subscription',
    `subscription { ...R } fragment R on Subscription { ${follow} { ...A } ${follow} { ...B } }
     fragment A on DeviceMessage { ${names(4, 'payload')} } fragment B on DeviceMessage { payload }`,
  ],
  ['H6: statistics under 490 names', `subscription { brokerStats { ${names(490, 'version')} } }`],
  ['H4: a name of 95,000 characters', `{ ${'n'.repeat(95_000)}: __typename }`],
  [
    'H5: fields of a fragment that nothing uses',
    `{ __typename } fragment F on BrokerStats { ${'version '.repeat(540)} }`,
  ],
  ['a document of 100,001 characters', '{ __typename }'.padEnd(100_001)],
  [
    'the device of a message of a device, 251 times',
    `{ device(id: "witness") { ${'lastMessage { device { '.repeat(250)} id ${'} } '.repeat(250)} } }`,
  ],
];

const tooLarge: Attack[] = documents.map(([what, query]) => ({
  what,
  async play(scene) {
    const answers = await askEverywhere(scene, { query });
    expectRefused(answers, 'BAD_USER_INPUT');
    expect(refusalsOf(scene.gateway)).toEqual({ DOCUMENT_SIZE: answers.length });
  },
}));

/** Operations whose documents are small, and whose answers would not be. */
const tooMuch: [string, Operation][] = [
  [
    'C2: messages under 100 names',
    {
      query: `{ devices(first: 1000) { nodes { ${names(100, 'messages(last: 1) { deviceId }')} } } }`,
    },
  ],
  [
    'C2: pages under 160 names',
    { query: `{ ${names(100, 'devices(first: 1000) { nodes { id } }')} }` },
  ],
  [
    'messages of the device of a message, 120 deep',
    {
      query: `{ devices(first: 400) { nodes { ${'messages(last: 1000) { device { '.repeat(120)} id ${'} } '.repeat(120)} } } }`,
    },
  ],
  [
    'messages of the device of a message under 100 names',
    {
      query: `{ devices(first: 400) { nodes { messages { device { ${names(100, 'messages(last: 1000) { topic }')} } } } } }`,
    },
  ],
  [
    'one long variable under 100 names',
    {
      query: `query ($ids: [ID!]!) { ${names(100, 'currentPositions(deviceIds: $ids) { deviceId }')} }`,
      variables: { ids: Array.from({ length: 100_000 }, () => 1) },
    },
  ],
  [
    'many entities',
    {
      query:
        'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Device { id lastSeenAt } } }',
      variables: { of: Array.from({ length: 12_000 }, () => ({ __typename: 'Device', id: 'a' })) },
    },
  ],
];

const overBudget: Attack[] = tooMuch.map(([what, operation]) => ({
  what,
  options: { federation: 'on' },
  async play(scene) {
    await publishTo(scene, { devices: 400, each: 1, payload: '1' });
    const answers = await askEverywhere(scene, operation);
    expectRefused(answers, 'LIMIT_EXCEEDED');
    expect(refusalsOf(scene.gateway)).toEqual({ ANSWER_SIZE: answers.length });
  },
}));

/** Operations of which each field fails. */
const faulty: [string, Operation][] = [
  [
    'fields that fail',
    { query: `{ ${names(95, 'device(id: "witness") { messages(last: -1) { topic } }')} }` },
  ],
  [
    'entities that are none',
    {
      query: 'query ($of: [_Any!]!) { _entities(representations: $of) { __typename } }',
      variables: { of: Array.from({ length: 5_000 }, (_, n) => n) },
    },
  ],
  ['unknown fields', { query: `{ ${Array.from({ length: 400 }, (_, n) => `no${n}`).join(' ')} }` }],
];

const manyErrors: Attack[] = faulty.map(([what, operation]) => ({
  what: `C2: ${what}`,
  options: { federation: 'on' },
  async play(scene) {
    for (const answer of await askEverywhere(scene, operation)) {
      const errors = answer.match(/"message":/g) ?? [];
      // What more there are is not told; a list that is itself an error is one.
      expect([1, 20]).toContain(errors.length);
    }
  },
}));

const others: Attack[] = [
  {
    what: 'messages of the device of each message, a million in all',
    async play(scene) {
      await publishTo(scene, { devices: 1, each: 100, payload: '1' });
      const answers = await askEverywhere(scene, {
        query:
          '{ device(id: "device-0") { messages(last: 1000) { device { messages(last: 1000) { device { messages(last: 1000) { payload } } } } } } }',
      });
      expectRefused(answers, 'LIMIT_EXCEEDED');
      expect(refusalsOf(scene.gateway)).toEqual({ ANSWER_SIZE: answers.length });
    },
  },
  {
    what: 'answers longer than they may be are not printed',
    options: { maxAnswerBytes: 1_048_576 },
    async play(scene) {
      await publishTo(scene, { devices: 1, each: 20, payload: `"${'x'.repeat(100_000)}"` });
      const answers = await askEverywhere(scene, {
        query: '{ device(id: "device-0") { messages { payload } } }',
      });
      expectRefused(answers, 'LIMIT_EXCEEDED');
      expect(refusalsOf(scene.gateway)).toEqual({ ANSWER_SIZE: answers.length });
    },
  },
  {
    what: 'C1: answers that nobody reads',
    options: { maxUnreadBytes: 4_194_304 },
    async play(scene) {
      await publishTo(scene, { devices: 1, each: 9, payload: `"${'x'.repeat(100_000)}"` });
      // 3.6 MB each, so that one has room.
      const query = `{ device(id: "device-0") { messages { ${names(4, 'payload')} } } }`;
      const sockets = await Promise.all(Array.from({ length: 6 }, () => connect(scene)));
      for (const socket of sockets) {
        socket.pause();
        await socket.write(postText({ query }).repeat(3));
      }
      const { gateway } = scene;
      await gateway.until(() => (refusalsOf(gateway).ANSWERS_IN_FLIGHT ?? 0) >= 5);
    },
  },
  {
    what: 'C3: documents that are kept',
    async play({ gateway }) {
      const document = (n: number): string =>
        `{ currentPositions(deviceIds: [${'1 '.repeat(1_900)}]) { deviceId } }#${n}`;
      const before = memoryInUse();
      // Twice, since what comes once is not kept. Kept without a bound, they are more than 100 MB.
      for (let n = 0; n < 300; n += 1) {
        for (let times = 0; times < 2; times += 1) {
          await (await post(gateway, { query: document(n) })).text();
        }
      }
      expect(memoryInUse() - before).toBeLessThan(60);
    },
  },
  {
    what: 'H4: names that are made up',
    async play({ gateway }) {
      const before = memoryInUse();
      for (let n = 0; n < 1_000; n += 1) {
        const query = `{ ${'n'.repeat(250)}${n}: __typename }`;
        const answer = await (await post(gateway, { query })).text();
        expect(answer).toContain(`n${n}":"Query"`);
      }
      // Each would be there three times, with what it stands in.
      expect(memoryInUse() - before).toBeLessThan(30);
    },
  },
  {
    what: 'variables and extensions of a megabyte',
    async play({ gateway, attackers }) {
      const long = 'x'.repeat(900_000);
      const client = attackers.use(await openProtocol(gateway.webSocketUrl));
      const before = memoryInUse();
      for (let n = 0; n < 300; n += 1) {
        const query = `subscription { ${follow} { topic } }`;
        const payload =
          n % 2 === 0 ? { query, variables: { long } } : { query, extensions: { long } };
        client.send({ id: `${n}`, type: 'subscribe', payload });
        expect(await client.rest()).toEqual([]);
      }
      expect(gateway.stats().activeSubscribers).toBe(301);
      // A subscription keeps none of it, neither read nor as text: that would be 270 MB and more.
      expect(memoryInUse() - before).toBeLessThan(130);
      const answer = await post(gateway, { query: '{ __typename }', extensions: { long } });
      expect(await answer.json()).toEqual({ data: { __typename: 'Query' } });
    },
  },
  {
    what: 'clients that go while their operations wait for a turn',
    async play(scene) {
      await fillTurns(scene);
      const sockets = await Promise.all(Array.from({ length: 20 }, () => connect(scene)));
      for (const [n, socket] of sockets.entries()) {
        const accept = n % 2 === 0 ? 'application/json' : 'text/event-stream';
        const query = n % 2 === 0 ? '{ __typename }' : `subscription { ${follow} { topic } }`;
        // Nearly all the memory that there is for requests together.
        await socket.write(postText({ query: query.padEnd(40_000) }, accept));
      }
      for (const socket of sockets) socket.vanish();
      await scene.isServed();
      await scene.gateway.until(({ activeSubscribers }) => activeSubscribers === 1);
    },
  },
];

describe('a gateway withstands operations:', () => {
  withstands([...tooLarge, ...overBudget, ...manyErrors, ...others]);
});
