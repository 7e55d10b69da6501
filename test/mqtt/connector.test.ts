import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEmbeddedBroker } from '../../src/demo/embedded-broker.ts';
import type { BrokerAddress } from '../../src/mqtt/broker-address.ts';
import { addressHint, brokerProblem } from '../../src/mqtt/broker-problem.ts';
import { createConnector, type ConnectorOptions } from '../../src/mqtt/connector.ts';
import { PacketTooLongError } from '../../src/mqtt/packet-too-long-error.ts';
import { makeCertificates, type Certificates } from '../support/certificates.ts';
import { keepLines } from '../support/kept-lines.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { until } from '../support/until.ts';

type Told = string | Error;

/** A connector, and what its listener was told, in order. */
function follow(address: BrokerAddress, options: Partial<ConnectorOptions> = {}) {
  const told: Told[] = [];
  const connector = createConnector({
    address,
    retryMs: () => 10,
    ...options,
    listener: {
      connected: ({ protocolVersion }) => void told.push(`connected with ${protocolVersion}`),
      failed: (error) => void told.push(error),
      protocolChanged: (version, { isSilent }) =>
        void told.push(`${isSilent ? 'silence' : 'refused'}, so ${version}`),
      untried: (error) => void told.push(error as Error),
    },
  });
  const errors = (): Error[] => told.filter((each) => each instanceof Error);
  return {
    connector,
    told,
    errors,
    /** Resolves when it is connected; rejects when it is told of an error. */
    async connected(): Promise<void> {
      await until(
        'it is connected',
        () => connector.client !== undefined,
        () => told.map(String),
      );
    },
    async failed(): Promise<Error> {
      await until('it has failed', () => errors().length > 0);
      return errors()[0]!;
    },
    [Symbol.asyncDispose]: () => connector.close(true),
  };
}

const connack4 = [0x20, 2, 0, 0];
const connack5 = [0x20, 3, 0, 0, 0];
/** Reason code 132. */
const refusal5 = [0x20, 3, 0, 132, 0];

/** A broker that answers CONNECT as it is told for each protocol version, and closes for an empty answer. */
async function startScripted(answer: (version: number, nth: number) => readonly number[]) {
  const sockets = new Set<Socket>();
  const versions: number[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', (packet: Buffer) => {
      // [MQTT-3.1.2]: two bytes of length, `MQTT`, then the version.
      const version = packet[packet.indexOf('MQTT') + 4]!;
      versions.push(version);
      const bytes = answer(version, versions.length);
      if (bytes.length === 0) socket.end();
      else socket.write(Uint8Array.from(bytes));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    versions,
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      this.cut();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('the protocol version', () => {
  it('is 5 at a broker that speaks it', async () => {
    await using broker = await startMosquitto();
    await using followed = follow(broker);
    await followed.connected();
    expect(followed.told).toEqual(['connected with 5']);
  });

  it('is 3.1.1 where that was asked for', async () => {
    await using broker = await startMosquitto();
    await using followed = follow(broker, { protocolVersion: 4 });
    await followed.connected();
    expect(followed.told).toEqual(['connected with 4']);
  });

  it('falls back to 3.1.1 at the embedded broker, which refuses 5', async () => {
    const broker = await createEmbeddedBroker({ port: 0, logger: keepLines().logger });
    try {
      await using followed = follow(broker);
      await followed.connected();
      expect(followed.told).toEqual(['refused, so 4', 'connected with 4']);
    } finally {
      await broker.close();
    }
  });

  it('falls back at a broker that refuses it with the code of MQTT 5', async () => {
    await using broker = await startScripted((version) => (version === 5 ? refusal5 : connack4));
    await using followed = follow(broker);
    await followed.connected();
    expect(followed.told).toEqual(['refused, so 4', 'connected with 4']);
  });

  it('falls back at a broker that closes without a CONNACK', async () => {
    await using broker = await startScripted((version) => (version === 5 ? [] : connack4));
    await using followed = follow(broker);
    await followed.connected();
    expect(followed.told).toEqual(['silence, so 4', 'connected with 4']);
  });

  it('goes up to 5 where 3.1.1 is refused', async () => {
    await using broker = await startScripted((version) =>
      version === 5 ? connack5 : [0x20, 2, 0, 1],
    );
    await using followed = follow(broker, { protocolVersion: 4 });
    await followed.connected();
    expect(followed.told).toEqual(['refused, so 5', 'connected with 5']);
  });

  it.each([
    [true, [5, 5, 5]],
    [false, [5, 5, 4]],
  ])('that was accepted outlives a silent close: %s', async (keepsAcceptedVersion, versions) => {
    await using broker = await startScripted((version, nth) =>
      nth === 2 ? [] : version === 5 ? connack5 : connack4,
    );
    await using followed = follow(broker, { keepsAcceptedVersion });
    await followed.connected();
    broker.cut();
    await until('a third attempt', () => broker.versions.length === 3);
    expect(broker.versions).toEqual(versions);
  });
});

describe('what failed', () => {
  it.each([4, 5] as const)('is final for a wrong password over version %i', async (version) => {
    await using broker = await startMosquitto({ user: { name: 'a', password: 'right' } });
    await using followed = follow(
      { url: broker.url, username: 'a', password: 'wrong' },
      { protocolVersion: version },
    );
    const { text, isFinal } = brokerProblem(await followed.failed(), addressHint(broker.url));
    expect(isFinal).toBe(true);
    expect(text).toContain('the broker refused the user name or the password');
  });

  it('is not final for a broker that is not there', async () => {
    await using broker = await startMosquitto();
    await broker.stop();
    await using followed = follow(broker);
    expect(brokerProblem(await followed.failed(), '')).toEqual({
      text: 'connection refused',
      isFinal: false,
    });
  });

  it('is a packet over the limit, before it has come, and the connection is cut', async () => {
    // PUBLISH with the longest length that there is, and nothing behind it.
    const announcement = [0x30, 0xff, 0xff, 0xff, 0x7f];
    await using broker = await startScripted((_, nth) =>
      nth === 1 ? [...connack5, ...announcement] : connack5,
    );
    await using followed = follow(broker, { maxPacketBytes: 1_000 });
    const error = await followed.failed();
    expect(error).toBeInstanceOf(PacketTooLongError);
    expect(error).toMatchObject({ bytes: 268_435_455 });
    await until('the next attempt', () => broker.versions.length === 2);
  });
});

describe('over TLS', () => {
  let folder: string;
  let certificates: Certificates;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-tls-'));
    certificates = await makeCertificates(folder);
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function startTls() {
    const { caFile, server } = certificates;
    const files = [
      `cafile ${caFile}`,
      `certfile ${server.certFile}`,
      `keyfile ${server.keyFile}`,
      'require_certificate true',
    ];
    const broker = await startMosquitto({ lines: files });
    return { broker, url: broker.url.replace('mqtt:', 'mqtts:') };
  }

  it('connects with an authority of its own, and shows its certificate', async () => {
    const { broker, url } = await startTls();
    await using _ = broker;
    const { caFile, client } = certificates;
    await using followed = follow({ url, caFile, ...client });
    await followed.connected();
    expect(followed.told).toEqual(['connected with 5']);
  });

  it('tells that a certificate which it does not trust is final', async () => {
    const { broker, url } = await startTls();
    await using _ = broker;
    await using followed = follow({ url, ...certificates.client });
    const { text, isFinal } = brokerProblem(await followed.failed(), addressHint(url));
    expect({ text, isFinal }).toEqual({
      text: expect.stringContaining("the broker's certificate is not trusted"),
      isFinal: true,
    });
  });

  it('throws at the first attempt when a file is not there', async () => {
    expect(() => follow({ url: 'mqtts://127.0.0.1:1', caFile: join(folder, 'no.pem') })).toThrow(
      'ENOENT',
    );
  });

  it('tells when a file has gone later, and connects once it is back', async () => {
    const { broker, url } = await startTls();
    await using _ = broker;
    const caFile = join(folder, 'moved.pem');
    await writeFile(caFile, '');
    await rename(certificates.caFile, caFile);
    await using followed = follow({ url, caFile, ...certificates.client });
    await followed.connected();
    await rename(caFile, certificates.caFile);
    await broker.restart();
    await until('it is told', () => followed.errors().some((each) => /ENOENT/.test(each.message)));
    await rename(certificates.caFile, caFile);
    await followed.connected();
    await rename(caFile, certificates.caFile);
  });
});
