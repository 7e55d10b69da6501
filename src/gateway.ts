import type { AddressInfo } from 'node:net';
import type { GraphQLError } from 'graphql';
import { createSchema } from '../schema/schema.ts';
import { minStatsIntervalMs } from '../schema/subscription.ts';
import { createBroker, type Broker, type SubscribeRequest } from './broker/broker.ts';
import type { OverflowPolicy } from './broker/overflow-policy.ts';
import type { Subscription } from './broker/subscription.ts';
import { resolveSettings, type Settings } from './config.ts';
import type { GatewayOptions } from './config/gateway-options.ts';
import { createOperationTurns } from './bounds/operation-turns.ts';
import { createSharedBytes, type SharedBytes } from './bounds/shared-bytes.ts';
import { answerTo } from './delivery/answer.ts';
import { redactUrl } from './config/kind.ts';
import { createDocumentCache } from './document/document-cache.ts';
import { Joiner } from './delivery/joiner.ts';
import { Turn } from './delivery/outbox.ts';
import { publicError } from './delivery/public-error.ts';
import { RenderingMemory } from './delivery/rendering.ts';
import { createSelections } from './delivery/selections.ts';
import { parseJsonPointer } from './ingest/device-id.ts';
import type { AvailabilityRule } from './ingest/availability.ts';
import { createEmbeddedBroker, type EmbeddedBroker } from './demo/embedded-broker.ts';
import { createIngest } from './ingest/ingest.ts';
import { createMqttSource, type MqttSource } from './ingest/mqtt-source.ts';
import { createSimulator, type Simulator } from './demo/simulator.ts';
import { parseTopicTemplate } from './config/topic-template.ts';
import { createMemoryLog } from './log/memory-log.ts';
import { isOnline, type OnlineRule } from './log/online.ts';
import { createEventLog } from './observe/event-log.ts';
import type { BrokerStats } from './metrics/broker-stats.ts';
import { total } from './metrics/counts.ts';
import { limitLogger } from './observe/limited-logger.ts';
import { createLogger, type Logger } from './observe/logger.ts';
import { createRefusalCounter, type RefusalReason } from './metrics/refusals.ts';
import { createSharedValue } from './observe/shared-value.ts';
import { snapshot } from './metrics/snapshot.ts';
import { createProcessMonitor } from './observe/process-stats.ts';
import { createConnections } from './transport/connections.ts';
import { createHttpServer } from './transport/http/server.ts';
import { createKeepAliveWheel } from './transport/keep-alive.ts';
import { createOriginPolicy } from './transport/origin-policy.ts';
import { createRouter, type Readiness } from './transport/router.ts';
import type { TransportContext } from './transport/transport-context.ts';
import { readVersion } from './version.ts';

/** A gateway in this process. Several may run side by side. */
export interface Gateway {
  readonly settings: Settings;
  /** Where it serves, for example `http://127.0.0.1:4000`. Known once it has started. */
  readonly url: string;
  /** The MQTT broker that it reads from. Known once it has started. */
  readonly mqttUrl: string;
  /**
   * Listens, and begins to read from the MQTT broker. Rejects when it can't
   * listen; an MQTT broker that can't be reached is tried for as long as the
   * gateway lives, and `/ready` tells about it.
   */
  start(): Promise<void>;
  /** From now on `/ready` answers 503, for load balancers to notice; everything is still served. */
  announceShutdown(): void;
  /**
   * Takes no more clients, sends the others what is due and asks them to go,
   * for at most `drainMs`. Resolves when everything is closed.
   */
  close(): Promise<void>;
  /** The messages of some devices as an async iterable, without any network. Throws a SubscribeError for a wrong request. */
  subscribe(request: SubscribeRequest): Subscription;
  /** What it does at this moment. */
  stats(): BrokerStats;
}

/**
 * The composition root: everything is made here, in the order in which a
 * message flows, and closed here in the same order.
 */
export function createGateway({
  logger: givenLogger,
  dashboardFolder,
  ...options
}: GatewayOptions & {
  readonly logger?: Logger | undefined;
  /** Where the files of the dashboard are. Default: where the build puts them. */
  readonly dashboardFolder?: string | undefined;
} = {}): Gateway {
  const settings = resolveSettings(options);
  /** For the few lines of the gateway's own life, which no flood of others may keep out. */
  const lifeLogger =
    givenLogger ?? createLogger({ level: settings.logLevel, format: settings.logFormat });
  const logger = limitLogger(lifeLogger, () => performance.now());
  const version = readVersion();
  const startedAt = performance.now();
  const events = createEventLog(logger, () => performance.now());
  const processMonitor = createProcessMonitor();
  const refusals = createRefusalCounter();

  const pointer =
    settings.deviceIdPointer === undefined ? undefined : parseJsonPointer(settings.deviceIdPointer);
  const templates = settings.topics.map((text) =>
    parseTopicTemplate(text, { deviceIdRequired: pointer === undefined }),
  );
  const availability: AvailabilityRule | undefined =
    settings.availabilityTopic === undefined
      ? undefined
      : {
          template: parseTopicTemplate(settings.availabilityTopic),
          online: settings.availabilityOnline,
          offline: settings.availabilityOffline,
        };
  const onlineRule: OnlineRule = {
    hasTopic: availability !== undefined,
    silenceTimeoutMs: settings.silenceTimeoutMs,
  };
  const log = createMemoryLog({
    maxDevices: settings.maxDevices,
    deviceTtlMs: settings.deviceTtlMs,
    watched: (deviceId) => broker.watches(deviceId),
    forgotten: (deviceId) => events.deviceForgotten(deviceId),
    historySize: settings.historySize,
    historyTtlMs: settings.historyTtlMs,
    historyMaxBytes: settings.historyMaxBytes,
  });
  const broker: Broker = createBroker({
    queueSize: settings.queueSize,
    overflow: policyOf(settings.overflow),
    history: log,
    observer: events,
  });
  const ingest = createIngest({
    templates,
    deviceIdPointer: pointer,
    availability,
    retained: settings.mqttRetained,
    heard: (deviceId, told) => log.setAvailability(deviceId, told),
    maxPayloadBytes: settings.maxPayloadBytes,
    maxMessagesPerPayload: settings.maxMessagesPerPayload,
    now: Date.now,
    accept(arrival) {
      const message = log.append(arrival);
      if (message === undefined) return false;
      broker.publish(message);
      return true;
    },
    wanted: (deviceId) => log.keeps || broker.watches(deviceId),
    keepState: (arrival) => log.keepState(arrival),
    clear: (deviceId, topic) => log.clear(deviceId, topic),
    pass(notice) {
      if (!log.pass(notice)) return false;
      broker.pass();
      return true;
    },
    rejected(reason, topic) {
      events.messageRejected(reason, topic);
      if (reason === 'UNWANTED_TOPIC') source?.unwanted(topic);
    },
  });

  const wheel = createKeepAliveWheel(settings.keepAliveMs);
  const connections = createConnections(wheel);
  let embedded: EmbeddedBroker | undefined;
  let simulator: Simulator | undefined;
  let source: MqttSource | undefined;
  let state: 'new' | 'running' | 'closing' = 'new';
  let announced = false;
  let shutdownAnnounced = false;
  let closing: Promise<void> | undefined;

  const stats = (): BrokerStats =>
    snapshot({
      broker,
      ingest,
      log,
      refusals,
      connections,
      logger,
      processMonitor,
      source: () => source,
      startedAt,
      version,
    });

  function readiness(): Readiness {
    const draining = shutdownAnnounced || state === 'closing';
    const connected = source?.connected ?? false;
    return {
      ready: connected && !draining,
      checks: {
        // Anybody may ask: why it is not connected is in the log.
        mqtt: connected ? 'ok' : 'not connected',
        clients: draining ? 'the gateway is shutting down' : 'ok',
      },
    };
  }

  const schema = createSchema({ federation: settings.federation === 'on' });
  const hide = (error: unknown): GraphQLError =>
    publicError(error, (err) => {
      logger.error({ event: 'operation.failed', err }, 'An operation failed');
    });
  const bytesOf = (maxBytes: number, reason: RefusalReason): SharedBytes =>
    createSharedBytes({
      maxBytes,
      refused({ caller: { who } }, bytes) {
        refusals.count(reason);
        logger.info(
          { event: 'connection.ended_for_others', who, bytes, reason },
          'A connection that holds most of what all share is ended',
        );
      },
    });
  const renderings = new RenderingMemory();
  const context: TransportContext = {
    schema,
    check: createDocumentCache(schema, {
      refused: () => refusals.count('DOCUMENT_SIZE'),
      failed: (err) =>
        logger.error({ event: 'document.failed', err }, 'A document could not be checked'),
    }),
    selections: createSelections(schema, {
      maxSelections: settings.maxSelections,
      maxPerConnection: settings.maxSelectionsPerConnection,
      memory: renderings,
      refused({ caller: { who } }, selections) {
        refusals.count('SELECTIONS');
        logger.info(
          { event: 'connection.ended_for_others', who, selections, reason: 'SELECTIONS' },
          'A connection that uses most of the selections is ended, or refused more',
        );
      },
      hide,
    }),
    turns: createOperationTurns(),
    answer: (result) =>
      answerTo(result, {
        hide,
        maxBytes: settings.maxAnswerBytes,
        refused: () => refusals.count('ANSWER_SIZE'),
      }),
    hide,
    renderings,
    incoming: bytesOf(settings.maxIncomingBytes, 'INCOMING_BYTES'),
    unread: bytesOf(settings.maxUnreadBytes, 'ANSWERS_IN_FLIGHT'),
    turn: new Turn(new Joiner(), () => source?.behind() ?? false),
    subscriptions: broker,
    connections,
    stats,
    sharedStats: createSharedValue(minStatsIntervalMs, stats),
    refusals,
    originPolicy: createOriginPolicy(settings),
    log,
    online: (device) => isOnline(device, onlineRule, Date.now()),
    logger,
    limits: settings,
  };
  const { server, httpConnections } = createHttpServer(
    context,
    createRouter(context, { readiness, dashboardFolder }),
  );

  /** Asked behind an `await`, after which the compiler still believes what it saw before. */
  function closed(): boolean {
    return state === 'closing';
  }

  function addressOf(): string {
    const { port } = (server.address() ?? { port: settings.port }) as AddressInfo;
    const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
    return `http://${host}:${port}`;
  }

  async function listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(settings.port, settings.host, () => {
        server.off('error', reject);
        resolve();
      });
    });
    lifeLogger.info({ event: 'gateway.listening', url: addressOf() }, 'listening');
  }

  function announce(mqttUrl: string): void {
    if (announced) return;
    announced = true;
    const { topics } = settings;
    lifeLogger.info(
      { event: 'gateway.ready', version, url: addressOf(), mqtt: redactUrl(mqttUrl), topics },
      'ready',
    );
  }

  return {
    settings,
    get url() {
      return addressOf();
    },
    get mqttUrl() {
      return settings.mqttUrl ?? embedded?.url ?? '';
    },

    async start() {
      if (state !== 'new') throw new Error('a gateway starts once');
      state = 'running';
      processMonitor.start();
      await listen();
      if (settings.mqttUrl === undefined && !closed()) {
        embedded = await createEmbeddedBroker({ port: settings.embeddedMqttPort, logger });
      }
      // `close` was called meanwhile, and has closed what there was by then.
      if (closed()) {
        server.close();
        await embedded?.close();
        return;
      }
      const url = settings.mqttUrl ?? embedded!.url;
      if (embedded === undefined && settings.mqttClientId === undefined) {
        logger.info(
          { event: 'mqtt.no_session', mqtt: redactUrl(url) },
          'without SLUICE_MQTT_CLIENT_ID, what is published while the MQTT connection is away is lost',
        );
      }
      source = createMqttSource({
        url,
        username: settings.mqttUsername,
        password: settings.mqttPassword,
        caFile: settings.mqttCaFile,
        certFile: settings.mqttCertFile,
        keyFile: settings.mqttKeyFile,
        clientId: settings.mqttClientId,
        qos: settings.mqttQos,
        // The own broker is known to speak no other.
        ...(embedded !== undefined && { protocolVersion: 4 }),
        sessionExpiryS: settings.mqttSessionExpiryS,
        queueLimit: settings.mqttQueueLimit,
        keepAliveS: settings.mqttKeepAliveS,
        maxPacketBytes: settings.mqttMaxPacketBytes,
        filters: [
          ...templates.map(({ filter }) => ({
            filter,
            ignoresRetained: settings.mqttRetained === 'ignore',
          })),
          // What is retained there is the state of a device, whoever wants its messages.
          ...(availability === undefined
            ? []
            : [{ filter: availability.template.filter, ignoresRetained: false }]),
        ],
        logger,
        connected: () => announce(url),
        interrupted: (concerned) => log.interrupt(concerned),
        receive: (message) => ingest.receive(message),
      });
      if (embedded !== undefined && settings.simulatedDevices > 0) {
        simulator = createSimulator({ url, devices: settings.simulatedDevices, logger });
      }
    },

    announceShutdown() {
      shutdownAnnounced = true;
    },

    close() {
      closing ??= closeAll();
      return closing;
    },

    subscribe: (request) => broker.subscribe(request),
    stats,
  };

  async function closeAll(): Promise<void> {
    state = 'closing';
    const closingSince = performance.now();
    const hasListened = server.listening;
    const { counters } = broker;
    const open = connections.size;
    const endedBefore = total(counters.ended);
    const undeliveredBefore = counters.dropped.SUBSCRIPTION_ENDED;
    const serverClosed = httpConnections.stop();
    await simulator?.close();
    await source?.close();
    const { drainMs } = settings;
    const [connectionsCut, requestsCut] = await Promise.all([
      connections.close(drainMs),
      httpConnections.drain(drainMs),
    ]);
    broker.close('SHUTTING_DOWN');
    wheel.close();
    await serverClosed;
    await embedded?.close();
    processMonitor.close();
    events.close();
    logger.close();
    if (!hasListened) return;
    lifeLogger.info(
      {
        event: 'gateway.closed',
        connections: open,
        connectionsCut,
        requestsCut,
        subscriptionsEnded: total(counters.ended) - endedBefore,
        messagesNotDelivered: counters.dropped.SUBSCRIPTION_ENDED - undeliveredBefore,
        durationMs: Math.round(performance.now() - closingSince),
      },
      'closed',
    );
  }
}

function policyOf(overflow: Settings['overflow']): OverflowPolicy {
  switch (overflow) {
    case 'drop-newest':
      return 'DROP_NEWEST';
    case 'drop-oldest':
      return 'DROP_OLDEST';
    case 'latest':
      return 'LATEST';
    case 'disconnect':
      return 'DISCONNECT';
  }
}
