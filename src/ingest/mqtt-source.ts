import type { MqttClient } from 'mqtt';
import { redactUrl } from '../config/kind.ts';
import type { BrokerAddress } from '../mqtt/broker-address.ts';
import type { ConnectorListener } from '../mqtt/connector-listener.ts';
import { createConnector } from '../mqtt/connector.ts';
import { PacketTooLongError } from '../mqtt/packet-too-long-error.ts';
import { protocolName, type ProtocolVersion } from '../mqtt/protocol-version.ts';
import type { Logger } from '../observe/logger.ts';
import type { MqttMessage } from './mqtt-message.ts';
import { problemOf } from './mqtt-problem.ts';
import { createReadingSlices } from './reading-slices.ts';
import { createSourceLink } from './source-link.ts';
import { createSourceSession, type SourceSessionOptions } from './source-session.ts';
import { createSourceSubscriptions, type MqttFilter } from './source-subscriptions.ts';

export interface MqttSourceOptions
  extends
    BrokerAddress,
    Pick<SourceSessionOptions, 'clientId' | 'sessionExpiryS' | 'queueLimit' | 'interrupted'> {
  readonly qos: 0 | 1 | 2;
  /** What to begin with: 4 is MQTT 3.1.1. When it is refused, the other one is next. Default: 5. */
  readonly protocolVersion?: ProtocolVersion | undefined;
  /** After how many silent seconds the MQTT broker is asked whether it is there. Half of it later the connection is given up. */
  readonly keepAliveS: number;
  /**
   * The longest packet that is taken, in bytes. MQTT 5 asks the broker to keep
   * longer ones away; when one is announced all the same, the connection is cut.
   */
  readonly maxPacketBytes: number;
  readonly filters: readonly MqttFilter[];
  readonly logger: Logger;
  /** Called each time that the MQTT broker is connected and every filter is subscribed. */
  readonly connected?: () => void;
  /** Called for each message in the order of arrival. MUST NOT throw. */
  readonly receive: (message: MqttMessage) => void;
}

export interface MqttSource {
  /** Connected, and every filter is subscribed. */
  readonly connected: boolean;
  /** How often the connection was lost. */
  readonly interruptions: number;
  /**
   * Whether more messages wait in the kernel than were read since this was last
   * asked: what is written now could be joined with what comes next.
   */
  takeBehind(): boolean;
  /**
   * A message on this topic is not wanted. In a persistent session it comes from
   * a subscription of an earlier configuration, which is ended. MUST be cheap.
   */
  unwanted(topic: string): void;
  close(): Promise<void>;
}

/** Session taken over. */
const sessionTakenOver = 0x8e;
/** As much as Node.js reads from a socket at once: a chunk of this size was not all there is. */
const fullChunkBytes = 64 * 1024;

/** The one MQTT consumer, which goes on trying for as long as it lives. */
export function createMqttSource(options: MqttSourceOptions): MqttSource {
  const { logger, maxPacketBytes } = options;
  const address = redactUrl(options.url);
  const goOn = createReadingSlices();
  const filters = options.filters.map(({ filter }) => filter);
  const session = createSourceSession({ ...options, address });
  const { persistent, clientId } = session;
  const link = createSourceLink({ persistent, clientId, address, logger });
  const subscriptions = createSourceSubscriptions({
    filters: options.filters,
    qos: options.qos,
    persistent,
    address,
    logger,
    subscribed: () => subscribed('mqtt.connected', 'MQTT subscribed'),
  });
  let connected = false;
  let protocol = protocolName(options.protocolVersion ?? 5);
  let readFullChunk = false;
  /** Of the connection that there is, or was last. */
  let takenOver = false;
  let cut = false;

  function subscribed(event: 'mqtt.connected' | 'mqtt.resumed', message: string): void {
    connected = true;
    link.connected(performance.now());
    session.subscribed();
    logger.info({ event, mqtt: address, protocol, filters }, message);
    options.connected?.();
  }

  function read(client: MqttClient): void {
    client.stream.on('data', (chunk: Uint8Array) => {
      if (chunk.length >= fullChunkBytes) readFullChunk = true;
    });
    // Asked behind each message. MQTT.js reads on when it is called back.
    client.handleMessage = (_packet, readOn) => goOn(readOn);
    client.on('message', (topic, payload, packet) => {
      const { retain: retained, qos } = packet;
      options.receive({
        topic,
        payload,
        retained,
        qos,
        subscriptions: subscriptions.indexesOf(packet),
      });
    });
  }

  function failed(error: Error): void {
    if (!(error instanceof PacketTooLongError)) {
      logger.warn(
        { event: 'mqtt.connection_failed', mqtt: address, ...problemOf(error) },
        'MQTT connection failed',
      );
      return;
    }
    const { bytes } = error;
    cut = true;
    session.giveUp();
    const consequence = persistent
      ? ': the session is given up, otherwise the broker would send the packet again for ever'
      : '';
    logger.error(
      { event: 'mqtt.packet_too_long', mqtt: address, bytes, maxPacketBytes },
      `the MQTT broker sent a packet of ${bytes} bytes, over SLUICE_MQTT_MAX_PACKET_BYTES (${maxPacketBytes})${consequence}`,
    );
  }

  const listener: ConnectorListener = {
    prepare(client) {
      takenOver = false;
      cut = false;
      read(client);
    },
    connected(connection) {
      protocol = protocolName(connection.protocolVersion);
      subscriptions.begin(connection);
      switch (session.begin(connection)) {
        case 'ending':
          connection.client.end();
          return;
        case 'resumed':
          subscribed('mqtt.resumed', 'MQTT resumed');
          return;
        case 'new':
          subscriptions.subscribe();
      }
    },
    failed,
    disconnected(reasonCode) {
      if (reasonCode === sessionTakenOver) {
        takenOver = true;
        link.clientIdInUse('the MQTT broker says so');
        return;
      }
      logger.warn(
        { event: 'mqtt.disconnected', mqtt: address, reasonCode },
        `the MQTT broker disconnected us (reason code ${reasonCode})`,
      );
    },
    closed() {
      subscriptions.end();
      if (!connected) return;
      connected = false;
      const at = performance.now();
      session.lost(at);
      link.lost(at, { cut, takenOver });
    },
    protocolChanged(version) {
      protocol = protocolName(version);
      logger.info(
        { event: 'mqtt.protocol_changed', mqtt: address, protocol },
        `the MQTT broker refused the protocol version, trying MQTT ${protocol}`,
      );
    },
    untried(error) {
      // A certificate file that has gone, for example: it may come back.
      logger.error(
        { event: 'mqtt.attempt_failed', mqtt: address, ...problemOf(error) },
        'MQTT connection could not be tried',
      );
    },
  };

  const connector = createConnector({
    address: options,
    protocolVersion: options.protocolVersion,
    keepAliveS: options.keepAliveS,
    maxPacketBytes,
    session: (version) => session.connectOptions(version),
    retryMs: () => link.nextMs(),
    listener,
  });

  return {
    get connected() {
      return connected;
    },
    get interruptions() {
      return link.interruptions;
    },
    takeBehind() {
      const was = readFullChunk;
      readFullChunk = false;
      return was;
    },
    unwanted: (topic) => subscriptions.unwanted(topic),
    async close() {
      connected = false;
      subscriptions.end();
      await connector.close();
    },
  };
}
