import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { BrokerAddress } from '../../src/mqtt/broker-address.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { startOpenEndedProxy, type OpenEndedProxy } from '../support/open-ended-proxy.ts';
import { until } from '../support/until.ts';

/** A broker of the test's own. */
export interface LawBroker extends AsyncDisposable {
  readonly url: string;
  stop(): Promise<void>;
  /** On the same port. */
  restart(): Promise<void>;
}

/** Something that keeps a connection to a broker. */
export interface Consumer {
  readonly isConnected: boolean;
  close(): Promise<void>;
}

export interface ConsumerCase {
  /** Begins to connect, and does not wait for it. */
  readonly open: (address: BrokerAddress) => Consumer;
  readonly startBroker: () => Promise<LawBroker>;
}

function mqttUrl({ url }: TcpProxy | OpenEndedProxy): string {
  return url.replace('http:', 'mqtt:');
}

/** What everything holds to that keeps a connection to an MQTT broker. */
export function behavesAsConnector(name: string, { open, startBroker }: ConsumerCase): void {
  const connected = (consumer: Consumer): Promise<void> =>
    until('it is connected', () => consumer.isConnected);
  const lost = (consumer: Consumer): Promise<void> =>
    until('it has noticed', () => !consumer.isConnected);

  describe(`${name} as a connector`, () => {
    it('connects, and is not connected before', async () => {
      await using broker = await startBroker();
      const consumer = open({ url: broker.url });
      expect(consumer.isConnected).toBe(false);
      await connected(consumer);
      await consumer.close();
      expect(consumer.isConnected).toBe(false);
    });

    it('is back after its connection was cut, as often as that happens', async () => {
      await using broker = await startBroker();
      await using proxy = await startTcpProxy(broker.url);
      const consumer = open({ url: mqttUrl(proxy) });
      for (let cuts = 0; cuts < 2; cuts += 1) {
        await connected(consumer);
        proxy.cut();
        await lost(consumer);
      }
      await connected(consumer);
      await consumer.close();
    });

    it('is back when the broker was away', async () => {
      await using broker = await startBroker();
      const consumer = open({ url: broker.url });
      await connected(consumer);
      await broker.stop();
      await lost(consumer);
      await broker.restart();
      await connected(consumer);
      await consumer.close();
    });

    it('waits for a broker that comes later', async () => {
      await using broker = await startBroker();
      await broker.stop();
      const consumer = open({ url: broker.url });
      await broker.restart();
      await connected(consumer);
      await consumer.close();
    });

    it('is connected once something that ended each connection without a word lets it through', async () => {
      await using broker = await startBroker();
      await using proxy = await startTcpProxy(broker.url);
      const consumer = open({ url: mqttUrl(proxy) });
      await connected(consumer);
      proxy.refuse(true);
      proxy.cut();
      await lost(consumer);
      proxy.refuse(false);
      await connected(consumer);
      await consumer.close();
    });

    it('closes its connection when it is closed', async () => {
      await using broker = await startBroker();
      await using proxy = await startTcpProxy(broker.url);
      const consumer = open({ url: mqttUrl(proxy) });
      await connected(consumer);
      expect(proxy.open).toBe(1);
      await consumer.close();
      await until('the connection is gone', () => proxy.open === 0);
    });

    it('closes while nothing answers at the address', async () => {
      await using broker = await startBroker();
      await broker.stop();
      const consumer = open({ url: broker.url });
      await consumer.close();
      expect(consumer.isConnected).toBe(false);
    });

    it('closes while what answers there says nothing', async () => {
      const mute = createServer().listen(0, '127.0.0.1');
      await once(mute, 'listening');
      const taken = once(mute, 'connection');
      const consumer = open({ url: `mqtt://127.0.0.1:${(mute.address() as AddressInfo).port}` });
      await taken;
      await consumer.close();
      mute.close();
      await once(mute, 'close');
    });

    it('closes while the broker is frozen, which never closes its end', async () => {
      await using broker = await startBroker();
      await using proxy = await startOpenEndedProxy(broker.url);
      const consumer = open({ url: mqttUrl(proxy) });
      await connected(consumer);
      await consumer.close();
      expect(consumer.isConnected).toBe(false);
    });

    it('closes between two attempts, and makes no further one', async () => {
      await using broker = await startBroker();
      await using proxy = await startTcpProxy(broker.url);
      await using otherProxy = await startTcpProxy(broker.url);
      const consumer = open({ url: mqttUrl(proxy) });
      const other = open({ url: mqttUrl(otherProxy) });
      await Promise.all([connected(consumer), connected(other)]);
      const { made } = proxy;
      proxy.cut();
      await lost(consumer);
      await consumer.close();
      // By the time that another one came back twice, an attempt of this one would have been made.
      for (let cuts = 0; cuts < 2; cuts += 1) {
        otherProxy.cut();
        await lost(other);
        await connected(other);
      }
      expect(proxy.made).toBe(made);
      await other.close();
    });

    it('closes as often as it is told', async () => {
      await using broker = await startBroker();
      const consumer = open({ url: broker.url });
      await connected(consumer);
      await Promise.all([consumer.close(), consumer.close()]);
      await consumer.close();
    });
  });
}
