import { connectToBroker, type BrokerConnection } from '../../src/command/broker-connection.ts';
import { brokerOptions } from '../../src/command/broker-options.ts';
import { readOptions } from '../../src/command/option.ts';
import type { Progress } from '../../src/command/progress.ts';
import { createEmbeddedBroker, type EmbeddedBroker } from '../../src/demo/embedded-broker.ts';
import { createMqttSource } from '../../src/ingest/mqtt-source.ts';
import type { BrokerAddress } from '../../src/mqtt/broker-address.ts';
import { createConnector } from '../../src/mqtt/connector.ts';
import { freePort } from '../support/free-port.ts';
import { keepLines } from '../support/kept-lines.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { behavesAsConnector, type Consumer, type LawBroker } from './connector-laws.ts';

/** MQTT 3.1.1 and no other. */
async function startEmbedded(): Promise<LawBroker> {
  const port = await freePort();
  const start = (): Promise<EmbeddedBroker> =>
    createEmbeddedBroker({ port, logger: keepLines().logger });
  let broker = await start();
  return {
    url: broker.url,
    stop: () => broker.close(),
    async restart() {
      await broker.close();
      broker = await start();
    },
    [Symbol.asyncDispose]: () => broker.close(),
  };
}

function openConnector(address: BrokerAddress): Consumer {
  const connector = createConnector({
    address,
    retryMs: () => 20,
    listener: { connected() {}, failed() {}, untried() {} },
  });
  return {
    get isConnected() {
      return connector.client !== undefined;
    },
    close: () => connector.close(),
  };
}

function openSource(address: BrokerAddress): Consumer {
  const source = createMqttSource({
    ...address,
    qos: 1,
    sessionExpiryS: 0,
    keepAliveS: 60,
    maxPacketBytes: 1_000,
    filters: [{ filter: 'devices/+/messages', ignoresRetained: false }],
    logger: keepLines().logger,
    interrupted: () => undefined,
    receive: () => undefined,
  });
  return {
    get isConnected() {
      return source.connected;
    },
    close: () => source.close(),
  };
}

const quiet: Progress = {
  isLive: false,
  show: () => undefined,
  waiting: () => undefined,
  arrived: () => undefined,
  note: () => undefined,
  around: (write) => write(),
  end: () => undefined,
};

function openCommand({ url }: BrokerAddress): Consumer {
  const options = { ...readOptions(brokerOptions, {}, {}), mqttUrl: url };
  const told = new AbortController();
  let connection: BrokerConnection | undefined;
  let isClosed = false;
  const { signal } = told;
  const opening = connectToBroker(options, { signal, progress: quiet }).then(
    (opened) => (connection = opened),
    () => undefined,
  );
  return {
    get isConnected() {
      return !isClosed && connection?.isConnected === true;
    },
    async close() {
      isClosed = true;
      told.abort();
      await (await opening)?.close();
    },
  };
}

const consumers = [
  ['the connector', openConnector],
  ['the source', openSource],
  ['the connection of a command', openCommand],
] as const;

for (const [name, open] of consumers) {
  behavesAsConnector(`${name} at Mosquitto`, { open, startBroker: startMosquitto });
  behavesAsConnector(`${name} at the embedded broker`, { open, startBroker: startEmbedded });
}
