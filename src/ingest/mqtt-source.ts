import { readFileSync } from 'node:fs';
import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient, type Packet } from 'mqtt';
import { redactUrl } from '../config/kind.ts';
import type { Concerned } from '../kernel/arrival.ts';
import type { Logger } from '../observe/logger.ts';
import { createBackOff } from './back-off.ts';
import { createLeftSubscriptions } from './left-subscriptions.ts';
import type { MqttMessage } from './mqtt-message.ts';
import { watchQueue } from './queue-watch.ts';
import { createReadingSlices } from './reading-slices.ts';
import { limitPackets } from './packet-meter.ts';
import { identifySubscriptions } from './subscription-identifiers.ts';

/** What to subscribe to. */
export interface MqttFilter {
  readonly filter: string;
  /** The broker is asked not to send what it has retained (MQTT 5). */
  readonly ignoresRetained: boolean;
}

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
  /** What to begin with: 4 is MQTT 3.1.1. When it is refused, the other one is next. Default: 5. */
  readonly protocolVersion?: 4 | 5 | undefined;
  /** How long the MQTT broker keeps a persistent session, in seconds. */
  readonly sessionExpiryS: number;
  /**
   * How many messages the MQTT broker queues for a persistent session; 0: all of
   * them. Undefined: nobody knows, so that a session that is resumed may have lost some.
   */
  readonly queueLimit?: number | undefined;
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
  /**
   * Called when the connection is back, before the first message that it brings,
   * and when the queue of a resumed session turns out to have been full: messages
   * of these devices may be lost.
   */
  readonly interrupted: (concerned: Concerned) => void;
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

/** [MQTT-3.1.2-2] in 3.1.1, reason code 0x84 in 5. */
const unacceptableProtocolVersion = [1, 132];
const connectTimeoutMs = 10_000;
/** Messages of QoS 1 and 2 that the broker may have on their way to us at a time (MQTT 5). */
const receiveMaximum = 1_024;
/** Session taken over. */
const sessionTakenOver = 0x8e;
/** A connection that lasted this long was a good one: the next attempt comes soon after its loss. */
const steadyMs = 10_000;
/** So many connections in a row that were not steady look like a client id that somebody else uses. */
const suspiciousLosses = 3;
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
  const filters = options.filters.map(({ filter }) => filter);
  const identifiers = identifySubscriptions(filters);
  const leftSubscriptions = createLeftSubscriptions({
    address,
    filters,
    logger,
    now: () => performance.now(),
    async unsubscribe(some) {
      const answer = await client.unsubscribeAsync([...some]);
      return protocolVersion === 5 ? reasonCodesOf(answer) : undefined;
    },
  });
  const clientId = options.clientId ?? `sluice-${Math.random().toString(36).slice(2, 12)}`;
  let protocolVersion = options.protocolVersion ?? 5;
  let client: MqttClient;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let connected = false;
  let readFullChunk = false;
  /** False in a new process: an old session may hold other filters than today's. */
  let subscribedBefore = false;
  /** The next connection ends the session: the broker would send a packet that was not taken again and again. */
  let endsSession = false;
  let interruptions = 0;
  /** On the clock of `performance`; undefined while nothing was lost. */
  let lostAt: number | undefined;
  let connectedAt = 0;
  /** A resumed session's queue has not ended yet, so it may turn out to have been full. */
  let queueIsOpen = false;
  /** Connections in a row that were not steady. */
  let quickLosses = 0;
  /** Not every MQTT 5 broker takes subscription identifiers. */
  let takesIdentifiers = false;

  function connect(): void {
    let takenOver = false;
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
      takesIdentifiers =
        protocolVersion === 5 && connack.properties?.subscriptionIdentifiersAvailable !== false;
      if (endsSession) {
        // A clean session has taken the place of the old one, and would end with this
        // connection: the next one begins a session that lasts again.
        endsSession = false;
        subscribedBefore = false;
        client.end();
        return;
      }
      const isResumed = connack.sessionPresent && subscribedBefore;
      if (lostAt !== undefined) interrupted(lostAt, isResumed);
      if (isResumed) subscribed('mqtt.resumed', 'MQTT resumed');
      else subscribe(client);
    });
    // Asked behind each message. MQTT.js reads on when it is called back.
    client.handleMessage = (_packet, readOn) => goOn(readOn);
    client.on('message', (topic, payload, packet) => {
      const { retain: retained, qos } = packet;
      const subscriptions = subscriptionsOf(packet);
      options.receive({ topic, payload, retained, qos, subscriptions });
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
      if (packet.reasonCode === sessionTakenOver) {
        takenOver = true;
        clientIdInUse('the MQTT broker says so');
        return;
      }
      logger.warn(
        { event: 'mqtt.disconnected', mqtt: address, reasonCode: packet.reasonCode },
        `the MQTT broker disconnected us (reason code ${packet.reasonCode})`,
      );
    });
    client.once('close', () => {
      if (connected && !closed) lost(cut, takenOver);
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

  function lost(cut: boolean, takenOver: boolean): void {
    interruptions += 1;
    lostAt = performance.now();
    if (!cut) logger.warn({ event: 'mqtt.connection_lost', mqtt: address }, 'MQTT connection lost');
    // Otherwise two clients with one id throw each other out several times a second, and
    // a retained packet that is too long, which comes with each subscription, is read as often.
    if (lostAt - connectedAt >= steadyMs && !takenOver) {
      backOff.reset();
      quickLosses = 0;
      return;
    }
    quickLosses += 1;
    if (persistent && !cut && !takenOver && quickLosses >= suspiciousLosses) {
      clientIdInUse(`${quickLosses} connections in a row were lost within ${steadyMs / 1_000} s`);
    }
  }

  function clientIdInUse(problem: string): void {
    logger.warn(
      { event: 'mqtt.client_id_in_use', mqtt: address, clientId, problem },
      'another client seems to use the same MQTT client id',
    );
  }

  /** The connection is back. Nothing that it brings has been read yet. */
  function interrupted(since: number, isResumed: boolean): void {
    const { queueLimit } = options;
    const isLost = persistent && subscribedBefore && !isResumed;
    if (isLost) {
      logger.warn(
        { event: 'mqtt.session_lost', mqtt: address },
        'the MQTT broker has not kept the session, nor what it queued',
      );
    }
    // Cut off in its middle, a queue that was full comes as two that may both look as if they were not.
    const isSpared = isResumed && queueLimit !== undefined && !queueIsOpen;
    const concerned = isSpared ? 'at-most-once' : 'all';
    logger.warn(
      {
        event: 'mqtt.interrupted',
        mqtt: address,
        awayMs: Math.round(performance.now() - since),
        session: isResumed ? 'kept' : persistent ? 'lost' : 'none',
        concerned,
      },
      'the MQTT connection is back: messages may be lost',
    );
    options.interrupted(concerned);
    queueIsOpen = isResumed && queueLimit !== undefined && queueLimit > 0;
    if (queueIsOpen) watchQueueOf(client, queueLimit!);
  }

  function watchQueueOf(on: MqttClient, queueLimit: number): void {
    watchQueue(on, {
      limit: queueLimit,
      full() {
        queueIsOpen = false;
        logger.warn(
          { event: 'mqtt.queue_full', mqtt: address, queueLimit },
          "the MQTT broker's queue for this session was full: messages may be lost",
        );
        options.interrupted('all');
      },
      complete(received) {
        queueIsOpen = false;
        logger.info(
          { event: 'mqtt.queue_complete', mqtt: address, received },
          "the MQTT broker's queue for this session has ended below its limit",
        );
      },
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
      keepalive: options.keepAliveS,
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
    // An identifier for each: overlapping filters may bring a message once or twice (see `ingest`), and a
    // persistent session may have filters of an earlier configuration. With one filter and a new session
    // there is nothing to tell apart, and a property less to parse for each message.
    const identifies = takesIdentifiers && (persistent || options.filters.length > 1);
    for (const [index, { filter, ignoresRetained }] of options.filters.entries()) {
      const identified = identifies && {
        properties: { subscriptionIdentifier: identifiers.all[index]! },
      };
      // [MQTT-3.8.3.1]: retain handling 2, do not send retained messages at the time of the subscribe.
      const handling = protocolVersion === 5 && ignoresRetained && { rh: 2 };
      const asked = options.qos;
      on.subscribe(filter, { qos: asked, ...handling, ...identified }, (error, granted = []) => {
        if (on !== client || closed) return;
        if (error !== null || granted.some(({ qos }) => qos > 2)) {
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
        for (const { qos } of granted) {
          if (qos >= asked) continue;
          logger.warn(
            { event: 'mqtt.qos_lowered', mqtt: address, filter, asked, granted: qos },
            `the MQTT broker has granted QoS ${qos} for ${filter}, where ${asked} was asked`,
          );
        }
        awaited -= 1;
        if (awaited === 0) subscribed('mqtt.connected', 'MQTT subscribed');
      });
    }
  }

  function subscribed(event: 'mqtt.connected' | 'mqtt.resumed', message: string): void {
    connected = true;
    connectedAt = performance.now();
    lostAt = undefined;
    subscribedBefore = true;
    logger.info({ event, mqtt: address, protocol: protocolName(), filters }, message);
    options.connected?.();
  }

  /** The indexes of the filters for which this copy came; undefined where the broker does not say. */
  function subscriptionsOf({ topic, properties }: IPublishPacket): readonly number[] | undefined {
    // The type says number, and it is an array when several subscriptions matched.
    const told: number | number[] | undefined = properties?.subscriptionIdentifier;
    if (told === undefined) return undefined;
    const indexes: number[] = [];
    for (const identifier of Array.isArray(told) ? told : [told]) {
      const index = identifiers.indexOf(identifier);
      if (index === undefined) unwanted(topic);
      else indexes.push(index);
    }
    // It came for a filter of an earlier configuration alone. It may have waited in the queue
    // since then, so that no other copy of it comes.
    return indexes.length === 0 ? undefined : indexes;
  }

  function unwanted(topic: string): void {
    if (persistent) leftSubscriptions.suspect(topic);
  }

  function protocolName(): string {
    return protocolVersion === 5 ? '5' : '3.1.1';
  }

  connect();

  return {
    get connected() {
      return connected;
    },
    get interruptions() {
      return interruptions;
    },
    takeBehind() {
      const was = readFullChunk;
      readFullChunk = false;
      return was;
    },
    unwanted,
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

function reasonCodesOf(answer: Packet | undefined): readonly number[] | undefined {
  // The type has no such property for an UNSUBACK, and MQTT.js fills it in.
  const codes: unknown = answer !== undefined && 'granted' in answer ? answer.granted : undefined;
  return Array.isArray(codes) ? codes : undefined;
}
