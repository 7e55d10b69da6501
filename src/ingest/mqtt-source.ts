import { readFileSync } from 'node:fs';
import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { redactUrl } from '../config/kind.ts';
import type { Logger } from '../observe/logger.ts';
import { createBackOff } from './back-off.ts';
import { createReadingSlices } from './reading-slices.ts';
import { limitPackets } from './packet-meter.ts';

export interface MqttSourceOptions {
  /** mqtt, mqtts, ws or wss. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  /** Makes the session persistent: the MQTT broker keeps what is published while the gateway is away. */
  readonly clientId?: string | undefined;
  readonly qos: 0 | 1 | 2;
  /** How long the MQTT broker keeps a persistent session, in seconds. */
  readonly sessionExpiryS: number;
  /**
   * The longest packet that is taken, in bytes. MQTT 5 asks the broker to keep
   * longer ones away; when one is announced all the same, the connection is cut.
   */
  readonly maxPacketBytes: number;
  /** MQTT topic filters. */
  readonly filters: readonly string[];
  readonly logger: Logger;
  /** Called each time that the MQTT broker is connected and every filter is subscribed. */
  readonly connected?: () => void;
  /**
   * Called for each message in the order of arrival. MUST NOT throw.
   * `subscriptions` are the indexes of the filters for which the MQTT broker
   * sent this copy; undefined when it does not say (MQTT 3.1.1).
   */
  readonly receive: (
    topic: string,
    payload: Uint8Array,
    subscriptions: readonly number[] | undefined,
  ) => void;
}

export interface MqttSource {
  /** Connected, and every filter is subscribed. */
  readonly connected: boolean;
  /**
   * Whether more messages wait in the kernel than were read since this was last
   * asked: what is written now could be joined with what comes next.
   */
  behind(): boolean;
  close(): Promise<void>;
}

/** [MQTT-3.1.2-2] in 3.1.1, reason code 0x84 in 5. */
const unacceptableProtocolVersion = [1, 132];
const connectTimeoutMs = 10_000;
/** Messages of QoS 1 and 2 that the broker may have on their way to us at a time (MQTT 5). */
const receiveMaximum = 1_024;
/** As much as Node.js reads from a socket at once: a chunk of this size was not all there is. */
const fullChunkBytes = 64 * 1024;

/**
 * The one MQTT consumer. It speaks MQTT 5 and falls back to 3.1.1 where the
 * broker does not, and goes on trying for as long as it lives.
 *
 * Each attempt is a client of its own: MQTT.js reconnects at a fixed pace and
 * with the protocol version that it began with.
 */
export function createMqttSource(options: MqttSourceOptions): MqttSource {
  const { logger, maxPacketBytes } = options;
  const persistent = options.clientId !== undefined;
  const address = redactUrl(options.url);
  const backOff = createBackOff();
  const goOn = createReadingSlices();
  const clientId = options.clientId ?? `sluice-${Math.random().toString(36).slice(2, 12)}`;
  let protocolVersion: 4 | 5 = 5;
  let client: MqttClient;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let connected = false;
  let readFullChunk = false;
  /** False in a new process: an old session may hold other filters than today's. */
  let subscribedBefore = false;
  /** The next connection ends the session: the broker would send a packet that was not taken again and again. */
  let endsSession = false;

  function connect(): void {
    let acknowledged = false;
    let refused = false;
    let failed = false;
    let cut = false;
    client = mqtt.connect(options.url, clientOptions());
    client.stream.on('data', (chunk: Uint8Array) => {
      if (chunk.length >= fullChunkBytes) readFullChunk = true;
    });
    limitPackets(client.stream, maxPacketBytes, (bytes) => {
      cut = true;
      endsSession = persistent;
      const session = persistent
        ? ': the session is given up, otherwise the broker would send the packet again for ever'
        : '';
      logger.error(
        { event: 'mqtt.packet_too_long', mqtt: address, bytes, maxPacketBytes },
        `the MQTT broker sent a packet of ${bytes} bytes, over SLUICE_MQTT_MAX_PACKET_BYTES (${maxPacketBytes})${session}`,
      );
      client.stream.destroy();
    });

    client.on('connect', (connack) => {
      acknowledged = true;
      if (endsSession) {
        // A clean session has taken the place of the old one, and would end with this
        // connection: the next one begins a session that lasts again.
        endsSession = false;
        subscribedBefore = false;
        client.end();
      } else if (connack.sessionPresent && subscribedBefore) {
        subscribed('mqtt.resumed', 'MQTT resumed');
      } else {
        subscribe(client);
      }
    });
    // Asked behind each message. MQTT.js reads on when it is called back.
    client.handleMessage = (_packet, readOn) => goOn(readOn);
    client.on('message', (topic, payload, packet) => {
      options.receive(topic, payload, subscriptionsOf(packet));
    });
    client.on('error', (error) => {
      const code = 'code' in error ? error.code : undefined;
      refused = typeof code === 'number' && unacceptableProtocolVersion.includes(code);
      failed = true;
      if (refused) return;
      logger.warn(
        { event: 'mqtt.connection_failed', mqtt: address, ...problemOf(error) },
        'MQTT connection failed',
      );
    });
    client.on('disconnect', (packet) => {
      // Session taken over (0x8E): another client uses our client id, and the two will throw each other out for ever.
      logger.warn(
        { event: 'mqtt.disconnected', mqtt: address, reasonCode: packet.reasonCode },
        `the MQTT broker disconnected us (reason code ${packet.reasonCode})`,
      );
    });
    client.once('close', () => {
      if (connected && !cut) {
        logger.warn({ event: 'mqtt.connection_lost', mqtt: address }, 'MQTT connection lost');
        // Not behind a cut: a retained packet that is too long comes with each subscription.
        backOff.reset();
      }
      connected = false;
      client.removeAllListeners('message');
      client.end(true);
      if (closed) return;
      // Some brokers answer an unknown version by closing without a CONNACK.
      if (refused || (!acknowledged && !failed)) {
        protocolVersion = protocolVersion === 5 ? 4 : 5;
        const protocol = protocolName();
        logger.info(
          { event: 'mqtt.protocol_changed', mqtt: address, protocol },
          `the MQTT broker refused the protocol version, trying MQTT ${protocol}`,
        );
        if (refused && protocolVersion === 4) {
          connect();
          return;
        }
      }
      retry();
    });
  }

  function retry(): void {
    timer = setTimeout(() => {
      try {
        connect();
      } catch (error) {
        // A certificate file that has gone, for example: it may come back.
        logger.error(
          { event: 'mqtt.attempt_failed', mqtt: address, ...problemOf(error) },
          'MQTT connection could not be tried',
        );
        retry();
      }
    }, backOff.nextMs());
  }

  function clientOptions(): IClientOptions {
    return {
      protocolVersion,
      clientId,
      clean: !persistent || endsSession,
      reconnectPeriod: 0,
      resubscribe: false,
      // Its debug log costs a call or two for each message even when it is off.
      log: () => {},
      connectTimeout: connectTimeoutMs,
      ...(options.username !== undefined && { username: options.username }),
      ...(options.password !== undefined && { password: options.password }),
      ...(options.caFile !== undefined && { ca: readFileSync(options.caFile) }),
      ...(options.certFile !== undefined && { cert: readFileSync(options.certFile) }),
      ...(options.keyFile !== undefined && { key: readFileSync(options.keyFile) }),
      ...(protocolVersion === 5 && {
        properties: {
          // A flood waits at the broker, and in its queues, rather than in memory here.
          receiveMaximum,
          maximumPacketSize: maxPacketBytes,
          ...(persistent && { sessionExpiryInterval: options.sessionExpiryS }),
        },
      }),
    };
  }

  function subscribe(on: MqttClient): void {
    let awaited = options.filters.length;
    for (const [index, filter] of options.filters.entries()) {
      // An identifier for each, since overlapping filters may bring a message once or twice: see `receive`.
      // With one filter there is nothing to tell apart, and a property less to parse for each message.
      const identified = protocolVersion === 5 &&
        options.filters.length > 1 && {
          properties: { subscriptionIdentifier: index + 1 },
        };
      on.subscribe(filter, { qos: options.qos, ...identified }, (error, granted) => {
        if (on !== client || closed) return;
        if (error !== null || granted?.some(({ qos }) => qos > 2)) {
          logger.error(
            {
              event: 'mqtt.subscription_refused',
              mqtt: address,
              filter,
              ...(error !== null && problemOf(error)),
            },
            `the MQTT broker refused the subscription to ${filter}`,
          );
          // The connection is of no use without it: try again from the start, at the pace of the back-off.
          on.end(true);
          return;
        }
        awaited -= 1;
        if (awaited === 0) subscribed('mqtt.connected', 'MQTT subscribed');
      });
    }
  }

  function subscribed(event: 'mqtt.connected' | 'mqtt.resumed', message: string): void {
    connected = true;
    subscribedBefore = true;
    logger.info(
      { event, mqtt: address, protocol: protocolName(), filters: options.filters },
      message,
    );
    options.connected?.();
  }

  function protocolName(): string {
    return protocolVersion === 5 ? '5' : '3.1.1';
  }

  connect();

  return {
    get connected() {
      return connected;
    },
    behind() {
      const was = readFullChunk;
      readFullChunk = false;
      return was;
    },
    async close() {
      closed = true;
      connected = false;
      clearTimeout(timer);
      client.removeAllListeners('message');
      await client.endAsync(!client.connected);
    },
  };
}

/** What a person needs to know of it. A stack would only show the way through MQTT.js. */
function problemOf(error: unknown): { code: unknown; problem: string } {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  // The network's error over several addresses has no text of its own.
  const text = error instanceof Error ? error.message : String(error);
  return { code, problem: text === '' ? String(code) : text };
}

function subscriptionsOf(packet: IPublishPacket): readonly number[] | undefined {
  // The type says number, and it is an array when several subscriptions matched.
  const identifiers: number | number[] | undefined = packet.properties?.subscriptionIdentifier;
  if (identifiers === undefined) return undefined;
  return Array.isArray(identifiers) ? identifiers.map((id) => id - 1) : [identifiers - 1];
}
