import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand, startCommand } from '../support/command.ts';
import { freePort } from '../support/free-port.ts';
import { startMosquitto, type Mosquitto } from '../support/mosquitto.ts';
import { until } from '../support/until.ts';

let broker: Mosquitto;
let client: mqtt.MqttClient;
let received: Array<{ topic: string; payload: string }> = [];

beforeAll(async () => {
  broker = await startMosquitto();
  client = await mqtt.connectAsync(broker.url);
  client.on('message', (topic, payload) => {
    received.push({ topic, payload: payload.toString() });
  });
  await client.subscribeAsync('#', { qos: 1 });
});
afterAll(async () => {
  await client.endAsync(true);
  await broker[Symbol.asyncDispose]();
});

describe('sluice simulate', { timeout: 60_000 }, () => {
  it('publishes what so many devices send in turn, and ends after so many messages', async () => {
    received = [];
    const args = [
      '--devices',
      '3',
      '--rate',
      '100',
      '--count',
      '9',
      '--topic',
      'site/{deviceId}/S',
    ];
    const { code, stdout, stderr } = await runCommand([
      'simulate',
      '--mqtt-url',
      broker.url,
      ...args,
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^3 devices sent 9 messages in \d+\.\d s: /);
    expect(stderr).toContain(`3 devices publish 100/s each, 300/s in all, to ${broker.url}`);
    await until('all have come', () => received.length === 9);
    const topics = ['site/tracker-001/S', 'site/tracker-002/S', 'site/tracker-003/S'];
    expect(received.map(({ topic }) => topic)).toEqual([...topics, ...topics, ...topics]);
    expect(JSON.parse(received[4]!.payload)).toMatchObject({
      device_id: 'tracker-002',
      lat: expect.any(Number),
    });
  });

  it('makes the same journeys with the same seed', async () => {
    const first: unknown[] = [];
    for (let i = 0; i < 2; i += 1) {
      received = [];
      await runCommand([
        'simulate',
        '--mqtt-url',
        broker.url,
        '--devices',
        '2',
        '--rate',
        '50',
        '--count',
        '2',
        '--seed',
        '7',
      ]);
      await until('both have come', () => received.length === 2);
      first.push(received.map(({ payload }) => ({ ...JSON.parse(payload), timestamp: '' })));
    }
    expect(first[1]).toEqual(first[0]);
  });

  it('says how many a broker held back that allows few on their way', async () => {
    const { code, stdout } = await runCommand([
      'simulate',
      '--mqtt-url',
      broker.url,
      '--devices',
      '100',
      '--rate',
      '10000',
      '--max-in-flight',
      '1',
      '--duration-s',
      '1',
    ]);
    expect(code).toBe(0);
    // The next goes with the acknowledgement of the last, and not with the next tick, of which there are 100.
    expect(Number(/sent (\d+) /.exec(stdout)?.[1])).toBeGreaterThan(101);
    expect(stdout).toMatch(/of 1000000\/s\.\n\d+ were held back: the broker did not keep up/);
  });

  it('goes on when the broker comes back', async () => {
    await using other = await startMosquitto();
    await using command = startCommand(['simulate', '--mqtt-url', other.url, '--rate', '10']);
    await command.printed('stderr', 'publish 10/s each');
    await other.restart();
    await command.printed('stderr', 'waiting for');
    const listener = await mqtt.connectAsync(other.url);
    const again = new Promise((resolve) => {
      listener.once('message', resolve);
    });
    await listener.subscribeAsync('#');
    await again;
    await listener.endAsync(true);
    command.child.kill('SIGTERM');
    expect(await command.ended).toMatchObject({ code: 143 });
  });

  it('shows on a terminal what it does, and ends with a summary and 130 on Ctrl-C', async () => {
    await using command = startCommand(['simulate', '--mqtt-url', broker.url, '--rate', '50'], {
      onTerminal: true,
      input: null,
    });
    await command.printed('stdout', /\r␛\[2Ksent \d+, [\d.]+\/s of 1000\/s, \d+ on their way/);
    command.child.stdin.write('\u0003');
    const { code, stdout } = await command.ended;
    expect(code).toBe(130);
    expect(stdout).toMatch(/20 devices sent \d+ messages in /);
  });

  it('gives up after --timeout-s without a broker', async () => {
    const url = `mqtt://127.0.0.1:${await freePort()}`;
    const { code, stderr } = await runCommand(['simulate', '--mqtt-url', url, '--timeout-s', '1']);
    expect(code).toBe(1);
    expect(stderr).toContain(`No connection to ${url} in 1 s (connection refused)`);
  });

  it('names every wrong option at once and ends with 2', async () => {
    const { code, stderr } = await runCommand([
      'simulate',
      '--devices',
      '0',
      '--rate',
      '-1',
      '--qos',
      '3',
    ]);
    expect(code).toBe(2);
    expect(stderr).toBe(
      [
        '--devices is 0: it takes a whole number from 1 to 10000',
        '--rate is "-1": it takes a number above 0, up to 10000',
        '--qos is "3": it takes one of 0, 1, 2',
        '',
      ].join('\n'),
    );
  });

  it('refuses a topic in which the devices are all the same', async () => {
    const { code, stderr } = await runCommand(['simulate', '--topic', 'a/b']);
    expect(code).toBe(2);
    expect(stderr).toContain('it must contain {deviceId}');
  });
});
