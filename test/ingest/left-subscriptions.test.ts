import { describe, expect, it } from 'vitest';
import { createLeftSubscriptions } from '../../src/ingest/left-subscriptions.ts';
import { keepLines } from '../support/kept-lines.ts';
import { endOfTurn } from '../support/turn.ts';

const existed = 0x00;
const noSubscriptionExisted = 0x11;

interface Session {
  /** What the session holds of an earlier configuration. */
  readonly left?: readonly string[];
  readonly filters?: readonly string[];
  /** What the broker answers, instead. */
  readonly answer?: (filters: readonly string[]) => Promise<readonly number[] | undefined>;
}

/** With a broker that answers at once, and a clock that stands still until it is moved. */
function play({ left = [], filters = [], answer }: Session) {
  const packets: (readonly string[])[] = [];
  const { logger, lines } = keepLines();
  const clock = { ms: 0 };
  const subscriptions = createLeftSubscriptions({
    address: 'mqtt://broker',
    filters,
    logger,
    now: () => clock.ms,
    async unsubscribe(some) {
      packets.push(some);
      if (answer !== undefined) return answer(some);
      return some.map((filter) => (left.includes(filter) ? existed : noSubscriptionExisted));
    },
  });
  return {
    packets,
    lines,
    clock,
    subscriptions,
    get tried() {
      return packets.flat();
    },
    /** Until what these topics have set off is done. */
    async suspect(...topics: readonly string[]) {
      for (const topic of topics) {
        subscriptions.suspect(topic);
        let before = -1;
        while (before !== packets.length) {
          before = packets.length;
          await endOfTurn();
        }
      }
    },
  };
}

describe('a subscription that an earlier configuration has left', () => {
  it('is found, ended and told once', async () => {
    const played = play({ left: ['old/+/data', 'old/#'] });
    await played.suspect('old/x/data', 'old/x/data', 'old/y/data');
    expect(played.lines).toEqual([
      {
        level: 'warn',
        fields: {
          event: 'mqtt.left_subscription_ended',
          mqtt: 'mqtt://broker',
          topic: 'old/x/data',
          filters: ['old/#', 'old/+/data'],
        },
        message: expect.stringContaining('old/#, old/+/data'),
      },
    ]);
    expect(new Set(played.tried).size).toBe(played.tried.length);
  });

  it('is told with its topic when no filter is it', async () => {
    const played = play({});
    await played.suspect('old/x/data', 'old/x/data');
    expect(played.lines).toMatchObject([
      {
        level: 'warn',
        fields: {
          event: 'mqtt.left_subscription_unknown',
          topic: 'old/x/data',
          tried: 23,
          problem: 'none of the 23 filters that were tried is it',
        },
      },
    ]);
  });

  it('is told as unknown where the broker gives no reason codes', async () => {
    const played = play({ answer: async () => undefined });
    await played.suspect('old/x');
    expect(played.lines[0]!.fields).toMatchObject({
      event: 'mqtt.left_subscription_unknown',
      problem: '11 filters were tried, and MQTT 3.1.1 does not say whether one was it',
    });
  });

  it('is looked for again when the connection ended meanwhile', async () => {
    let isCut = true;
    const played = play({
      async answer(filters) {
        if (isCut) throw new Error('Connection closed');
        return filters.map((filter) => (filter === 'old/+' ? existed : noSubscriptionExisted));
      },
    });
    await played.suspect('old/x');
    isCut = false;
    await played.suspect('old/x');
    expect(played.lines.map(({ fields }) => fields['filters'])).toEqual([['old/+']]);
  });
});

describe('whoever publishes', () => {
  it('cannot end a subscription of this configuration', async () => {
    const filters = ['devices/+/messages', 'devices/#', '#', 'devices/d/messages'];
    const played = play({ filters });
    await played.suspect('devices/d/messages', 'devices/+/messages', 'devices');
    expect(played.tried).not.toHaveLength(0);
    for (const filter of filters) expect(played.tried).not.toContain(filter);
  });

  it('sets off at most ten searches at once, one in 10 s after that, and a hundred in all', async () => {
    const played = play({});
    const searches = () => played.lines.length;
    const flood = (from: number) =>
      played.suspect(...Array.from({ length: 50 }, (_, n) => `old/${from + n}`));
    await flood(0);
    expect(searches()).toBe(10);
    played.clock.ms += 10_000;
    await flood(100);
    expect(searches()).toBe(11);
    for (let n = 2; n < 30; n += 1) {
      played.clock.ms += 1_000_000;
      await flood(n * 100);
    }
    expect(searches()).toBe(100);
  });

  it('makes packets of eight filters at most, 128 filters for a topic, and one packet at a time', async () => {
    const played = play({});
    await played.suspect('a/b/c/d/e/f/g/h/i/j/k/l');
    expect(played.tried).toHaveLength(128);
    expect(played.packets.map(({ length }) => length)).toEqual(Array.from({ length: 16 }, () => 8));

    const silent = play({ answer: () => new Promise(() => {}) });
    await silent.suspect('a/b', 'c/d');
    expect(silent.packets).toHaveLength(1);
  });

  it('sets off nothing with a topic that is too long to be remembered', async () => {
    const played = play({});
    await played.suspect('a'.repeat(257));
    expect(played.packets).toEqual([]);
  });

  it('may have braces in a topic', async () => {
    const played = play({ answer: async (filters) => filters.map(() => existed) });
    await played.suspect('old/{x}/data');
    expect(played.lines[0]!.fields['filters']).toContain('old/+/data');
  });
});
