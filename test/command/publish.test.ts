import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand, startCommand } from '../support/command.ts';
import { freePort } from '../support/free-port.ts';
import { startTestGateway } from '../support/gateway.ts';
import { startMosquitto, type Mosquitto } from '../support/mosquitto.ts';
import { until } from '../support/until.ts';

let broker: Mosquitto;
let client: mqtt.MqttClient;
let received: Array<{ topic: string; payload: string; retain: boolean; qos: number }> = [];

beforeAll(async () => {
  broker = await startMosquitto();
  client = await mqtt.connectAsync(broker.url);
  client.on('message', (topic, payload, { retain, qos }) => {
    received.push({ topic, payload: payload.toString(), retain, qos });
  });
  await client.subscribeAsync('#', { qos: 2 });
});
afterAll(async () => {
  await client.endAsync(true);
  await broker[Symbol.asyncDispose]();
});

function publish(args: readonly string[], input = '') {
  received = [];
  return runCommand(['publish', '--mqtt-url', broker.url, ...args], { input });
}
const payloads = (): string[] => received.map(({ payload }) => payload);

describe('sluice publish', { timeout: 60_000 }, () => {
  it('publishes one message as it was typed and says so', async () => {
    const { code, stdout, stderr } = await publish([
      '--device-id',
      'a',
      '--payload',
      ' {"n": 12345678901234567890.10} ',
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`Published 1 message to devices/a/messages (${broker.url}, QoS 1).\n`);
    await until('it has come', () => received.length === 1);
    expect(received).toEqual([
      {
        topic: 'devices/a/messages',
        payload: '{"n": 12345678901234567890.10}',
        retain: false,
        qos: 1,
      },
    ]);
  });

  it('publishes one message a line from the standard input, in their order', async () => {
    const lines = Array.from({ length: 500 }, (_, n) => `{"n":${n}}`);
    const { code, stdout } = await publish(['--device-id', 'a', '-'], `${lines.join('\n')}\r\n\n`);
    expect(code).toBe(0);
    expect(stdout).toContain('Published 500 messages');
    await until('all have come', () => received.length === 500);
    expect(payloads()).toEqual(lines);
  });

  it('stops at a line that is not valid JSON, and says which and how many went before', async () => {
    const { code, stderr } = await publish(['--device-id', 'a', '-'], '1\n2\n\u001b[31mno\n4\n');
    expect(code).toBe(1);
    expect(stderr).toContain('Line 3 of the standard input is not valid JSON: \\u001b[31mno\n');
    expect(stderr).toContain('Published before that: 2.\n');
    await until('both have come', () => received.length === 2);
    expect(payloads()).toEqual(['1', '2']);
  });

  it('stops at a line that is too long to hold', async () => {
    const { code, stderr } = await publish(
      ['--device-id', 'a', '-'],
      `1\n"${'x'.repeat(17_000_000)}"`,
    );
    expect(code).toBe(1);
    expect(stderr).toContain('Line 2 of the standard input is longer than 16777216 bytes');
  });

  it('says what may be wrong with an address at which no MQTT is spoken', async () => {
    await using gateway = await startTestGateway();
    const at = gateway.url.replace('http', 'mqtt');
    const args = [
      'publish',
      '--device-id',
      'a',
      '--payload',
      '1',
      '--timeout-s',
      '5',
      '--mqtt-url',
    ];
    const plain = await runCommand([...args, at]);
    expect(plain.code).toBe(1);
    expect(plain.stderr).toContain(`${at}: what answers there speaks no MQTT`);
    const webSocket = await runCommand([...args, gateway.url.replace('http', 'ws')]);
    expect(webSocket.code).toBe(1);
    expect(webSocket.stderr).toContain('does it speak MQTT over WebSocket at this address (ws)?');
    const tls = await runCommand([...args, broker.url.replace('mqtt', 'mqtts')]);
    expect(tls.code).toBe(1);
    expect(tls.stderr).toContain('does it speak TLS at this port?');
  });

  it('publishes a file as one message, and an .ndjson file as one a line', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-publish-'));
    try {
      await writeFile(join(folder, 'one.json'), '{\n  "a": 1\n}\n');
      await writeFile(join(folder, 'many.ndjson'), '1\n2');
      expect((await publish(['--device-id', 'a', '--file', join(folder, 'one.json')])).code).toBe(
        0,
      );
      await until('it has come', () => received.length === 1);
      expect(payloads()).toEqual(['{\n  "a": 1\n}']);
      expect(
        (await publish(['--device-id', 'a', '--file', join(folder, 'many.ndjson')])).code,
      ).toBe(0);
      await until('both have come', () => received.length === 2);
      expect(payloads()).toEqual(['1', '2']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('takes a topic, a quality of service, and a message that is kept', async () => {
    const args = [
      '--topic',
      'tele/{deviceId}/S',
      '--device-id',
      'x',
      '--qos',
      '2',
      '--retain',
      '--payload',
      '1',
    ];
    expect((await publish(args)).code).toBe(0);
    await until('it has come', () => received.length === 1);
    expect(received).toMatchObject([{ topic: 'tele/x/S', qos: 2 }]);
    const late = await mqtt.connectAsync(broker.url);
    const kept = new Promise((resolve) => {
      late.once('message', (_topic, payload, packet) =>
        resolve([packet.retain, payload.toString()]),
      );
    });
    await late.subscribeAsync('tele/x/S');
    expect(await kept).toEqual([true, '1']);
    await late.endAsync(true);
  });

  it.each([
    ['no message', ['--device-id', 'a'], 'The message is missing'],
    ['two messages', ['--device-id', 'a', '--payload', '1', '-'], 'more than one source'],
    ['no device', ['--payload', '1'], '--device-id is missing'],
    ['a device that is no level', ['--device-id', 'a/b', '--payload', '1'], '--device-id is "a/b"'],
    [
      'a topic with a wildcard',
      ['--device-id', 'a', '--topic', 'a/#', '--payload', '1'],
      'for reading',
    ],
    [
      'a broker that is none',
      ['--device-id', 'a', '--payload', '1', '--mqtt-url', 'ftp://u:secret@x'],
      '--mqtt-url is "ftp://***@x"',
    ],
    ['a file that is none', ['--device-id', 'a', '--file', '/nowhere'], '--file is "/nowhere"'],
  ])('ends with 2 for %s, and publishes nothing', async (_what, args, message) => {
    const { code, stdout, stderr } = await publish(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('secret');
    expect(received).toEqual([]);
  });

  it('says what to do when there is no broker, and ends with 1', async () => {
    const url = `mqtt://127.0.0.1:${await freePort()}`;
    const { code, stderr } = await publish([
      '--mqtt-url',
      url,
      '--timeout-s',
      '1',
      '--device-id',
      'a',
      '--payload',
      '1',
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain(`waiting for ${url} (connection refused), next try in 1 s\n`);
    expect(stderr).toContain('start the broker, name another with --mqtt-url, or wait longer');
  });

  it('waits for a broker that comes later', async () => {
    await using late = await startMosquitto();
    await late.stop();
    await using command = startCommand([
      'publish',
      '--mqtt-url',
      late.url,
      '--device-id',
      'a',
      '--payload',
      '1',
    ]);
    await command.printed('stderr', 'waiting for');
    await late.restart();
    expect(await command.ended).toMatchObject({ code: 0 });
  });

  it('says at once that the broker refuses the password, and never prints it', async () => {
    await using guarded = await startMosquitto({ user: { name: 'u', password: 'p' } });
    const env = {
      SLUICE_MQTT_URL: guarded.url,
      SLUICE_MQTT_USERNAME: 'u',
      SLUICE_MQTT_PASSWORD: 'wrong-secret',
    };
    const args = ['publish', '--device-id', 'a', '--payload', '1'];
    const refused = await runCommand(args, { env });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('refused the user name or the password');
    expect(refused.stderr).not.toContain('wrong-secret');
    expect(await runCommand(args, { env: { ...env, SLUICE_MQTT_PASSWORD: 'p' } })).toMatchObject({
      code: 0,
    });
  });

  it('ends with 130 on SIGINT, also while the input says nothing, and tells what was published', async () => {
    received = [];
    await using command = startCommand(
      ['publish', '--mqtt-url', broker.url, '--device-id', 'a', '-'],
      { input: null },
    );
    command.child.stdin.write('1\n');
    await until('it has come', () => received.length === 1);
    command.child.kill('SIGINT');
    const { code, stdout } = await command.ended;
    expect(code).toBe(130);
    expect(stdout).toContain('Published 1 message ');
  });

  it('ends with 130 on SIGINT before its input has said anything', async () => {
    await using command = startCommand(
      ['publish', '--mqtt-url', broker.url, '--device-id', 'a', '-'],
      { input: null },
    );
    // More than a pipe holds: when all is written, the command is reading, and no line has ended.
    await new Promise((resolve) => {
      command.child.stdin.write(' '.repeat(1_000_000), resolve);
    });
    command.child.kill('SIGINT');
    const { code, stdout, stderr } = await command.ended;
    expect({ code, stdout, stderr }).toEqual({ code: 130, stdout: '', stderr: '' });
  }, 10_000);
});
