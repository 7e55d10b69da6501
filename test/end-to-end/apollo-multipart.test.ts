import { describe, expect, it } from 'vitest';
import { readAsIos, readAsKotlin } from '../support/apollo-multipart.ts';
import { connectDevice } from '../support/device.ts';
import { startTestGateway } from '../support/gateway.ts';
import { openMultipart } from '../support/multipart.ts';

const boundary = 'graphql';
const query = 'subscription { deviceMessages(deviceIds: ["a"]) { payload } }';

/** What a device may send that looks like the frame around it. */
const payloads = [
  '{\r\n  "a": 1,\r\n\r\n  "b": 2\r\n}',
  '\r\n\r\n[\r\n\r\n1\r\r,2]',
  '"--graphql"',
  '{"\\r\\n--graphql--\\r\\n":"\\r\\n\\r\\n--graphql"}',
  '{"Content-Type: text/plain": "\\r\\n\\r\\n{}"}',
  '{}',
  'null',
  '"Content-Type: application/json\\r\\n\\r\\n"',
];

/** The whole body of a subscription that has got these payloads, and a sign of life. */
async function bodyOf(sent: readonly string[]): Promise<string> {
  await using gateway = await startTestGateway({ keepAliveMs: 100 });
  await using device = await connectDevice(gateway.mqttUrl);
  await using reader = await openMultipart(gateway, { query });
  // The one of the beginning, and one while no device says anything.
  expect(await reader.parts.take(2)).toEqual([{}, {}]);
  for (const payload of sent) await device.publish('devices/a/messages', payload);
  await gateway.until(({ messagesDelivered }) => messagesDelivered === sent.length);
  await gateway.close();
  await reader.rest();
  return reader.text;
}

const results = payloads.map((payload) => ({
  data: { deviceMessages: { payload: JSON.parse(payload) as unknown } },
}));

describe('a multipart body', () => {
  it('is read by the rules of Apollo iOS, up to the error of the shutdown', async () => {
    const body = await bodyOf(payloads);
    expect(() => readAsIos(body, boundary)).toThrow(/^irrecoverableErrors: .*SHUTTING_DOWN/);
    const end = body.indexOf('{"payload":null,"errors"');
    expect(readAsIos(body.slice(0, end), boundary)).toEqual(results);
  });

  it('is read by the rules of Apollo Kotlin, to its end', async () => {
    const parts = readAsKotlin(await bodyOf(payloads), boundary).map(
      (part) => JSON.parse(part) as Record<string, unknown>,
    );
    expect(parts.at(-1)).toMatchObject({
      payload: null,
      errors: [{ extensions: { code: 'SHUTTING_DOWN' } }],
    });
    const heartbeats = parts.filter((part) => Object.keys(part).length === 0);
    expect(heartbeats.length).toBeGreaterThanOrEqual(2);
    expect(parts.slice(0, -1).filter((part) => !heartbeats.includes(part))).toEqual(
      results.map((payload) => ({ payload })),
    );
  });
});

describe('the rules of', () => {
  const framed = (json: string): string =>
    `\r\n--graphql\r\nContent-Type: application/json\r\n\r\n${json}\r\n--graphql--\r\n`;

  it('Apollo iOS take a blank line in a payload for the end of a header', () => {
    expect(readAsIos(framed('{"payload":{\n\n"a":1}}'), boundary)).toEqual([{ a: 1 }]);
    expect(() => readAsIos(framed('{"payload":{\r\n\r\n"a":1}}'), boundary)).toThrow(
      /^cannotParseChunkData/,
    );
  });

  it('Apollo Kotlin take nothing but white space behind a boundary', () => {
    expect(readAsKotlin(framed('{"payload":{\r\n\r\n"a":1}}'), boundary)).toHaveLength(1);
    expect(() => readAsKotlin(framed('"\r\n--graphql"'), boundary)).toThrow(
      'unexpected characters after boundary',
    );
    expect(() => readAsKotlin(framed('{}').slice(0, -4), boundary)).toThrow('premature end');
  });
});
