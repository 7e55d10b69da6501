import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { fileURLToPath } from 'node:url';
import { connectDevice } from '../support/device.ts';
import { startTestGateway } from '../support/gateway.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { runProgram } from '../support/recipe.ts';

const run = promisify(execFile);
const body = '{"query":"{__typename}"}';
const javaProgram = fileURLToPath(new URL('../fixtures/java/DefaultClient.java', import.meta.url));
const posted = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;

describe('a request that offers another protocol', () => {
  describe.each(['h2c', 'TLS/1.2', 'h2c, websocket'])('Upgrade: %s', (protocol) => {
    it.each([
      ['GET /health', '', ''],
      ['GET /api/v1/stream/stats', '', ''],
      ['GET /graphql?query={__typename}', '', ''],
      ['POST /graphql', posted, body],
      ['POST /graphql', `Accept: text/event-stream\r\n${posted}`, body],
    ])('is answered as if it did not: %s', async (line, headers, content) => {
      await using gateway = await startTestGateway();
      await using socket = await RawSocket.connect(gateway.url);
      const offer = `Connection: Upgrade\r\nUpgrade: ${protocol}\r\n`;
      await socket.write(`${line} HTTP/1.1\r\nHost: localhost\r\n${offer}${headers}\r\n${content}`);
      expect(await socket.head()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    });
  });

  it('has a connection for further requests', async () => {
    await using gateway = await startTestGateway();
    await using socket = await RawSocket.connect(gateway.url);
    const request =
      'HEAD /health HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n';
    await socket.write(request);
    await socket.head();
    await socket.write(request);
    expect(await socket.head()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  it('may be one of curl --http2', async () => {
    await using gateway = await startTestGateway();
    const json = 'content-type: application/json';
    const args = `--silent --show-error --http2 --data ${body} ${gateway.url}/graphql`;
    const { stdout } = await run('curl', ['--header', json, ...args.split(' ')]);
    expect(JSON.parse(stdout)).toEqual({ data: { __typename: 'Query' } });
  });

  it('may be one of Java, whose HttpClient offers h2c by default', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await using program = runProgram('java', [javaProgram], {
      env: { ...process.env, SLUICE_URL: gateway.url },
    });
    const message = '{"data":{"deviceMessages":{"deviceId":"a","payload":{"n":1}}}}';
    expect(await program.lines(3)).toEqual([
      'health 200 {"status":"ok"}',
      'query 200 {"data":{"__typename":"Query"}}',
      'post 200 {"data":{"__typename":"Query"}}',
    ]);

    await gateway.until(({ activeSubscribers }) => activeSubscribers === 1);
    await device.publish('devices/a/messages', '{"n":1}');
    expect(await program.nextLine()).toBe(`events 200 data: ${message}`);
    expect(await program.nextLine()).toMatch(/^stats 200 \{.*"total_messages_processed":1\b/);

    expect(await program.nextLine()).toBe('websocket {"type":"connection_ack"}');
    expect(await program.nextLine()).toBe(
      `websocket {"id":"1","type":"next","payload":${message}}`,
    );
    expect(await program.nextLine()).toBe('websocket closed 1000');
    expect(await program.ended).toBe(0);
  });
});
