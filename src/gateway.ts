import { createSchema } from '../schema/schema.ts';
import { minStatsIntervalMs } from '../schema/subscription.ts';
import { createBroker, type Broker, type SubscribeRequest } from './broker/broker.ts';
import type { OverflowPolicy } from './broker/overflow-policy.ts';
import type { Subscription } from './broker/subscription.ts';
import { resolveSettings, type Settings } from './config.ts';
import type { GatewayOptions } from './config/gateway-options.ts';
import { redactUrl } from './config/kind.ts';
import { Joiner } from './delivery/joiner.ts';
import { FlushQueue } from './delivery/flush-queue.ts';
import { createEmbeddedBroker, type EmbeddedBroker } from './demo/embedded-broker.ts';
import { heardTopics } from './ingest/heard-topics.ts';
import { createIngest } from './ingest/ingest.ts';
import { createMqttSource, type MqttSource } from './ingest/mqtt-source.ts';
import { createSimulator, type Simulator } from './demo/simulator.ts';
import { createMemoryLog } from './log/memory-log.ts';
import { isOnline, type OnlineRule } from './log/online.ts';
import { createEventLog } from './observe/event-log.ts';
import type { BrokerStats } from './metrics/broker-stats.ts';
import { total } from './metrics/counts.ts';
import { limitLogger } from './observe/limited-logger.ts';
import { createLogger, type Logger } from './observe/logger.ts';
import { createRefusalCounter } from './metrics/refusals.ts';
import { createSharedValue } from './observe/shared-value.ts';
import { snapshot } from './metrics/snapshot.ts';
import { createProcessMonitor } from './observe/process-stats.ts';
import { createClientOperations } from './transport/client-operations.ts';
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

/** The policies by the words of the settings. */
const overflowPolicy: Readonly<Record<Settings['overflow'], OverflowPolicy>> = {
  'drop-newest': 'DROP_NEWEST',
  'drop-oldest': 'DROP_OLDEST',
  latest: 'LATEST',
  disconnect: 'DISCONNECT',
};

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

  const { templates, deviceIdPointer, availability } = heardTopics(settings);
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
    overflow: overflowPolicy[settings.overflow],
    history: log,
    observer: events,
  });
  const ingest = createIngest({
    templates,
    deviceIdPointer,
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
    skip(notice) {
      if (!log.skip(notice)) return false;
      broker.skip();
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
  const context: TransportContext = {
    ...createClientOperations({ schema, limits: settings, refusals, logger }),
    flushQueue: new FlushQueue(new Joiner(), () => source?.takeBehind() ?? false),
    subscriptions: broker,
    connections,
    stats,
    sharedStats: createSharedValue(minStatsIntervalMs, stats),
    originPolicy: createOriginPolicy(settings),
    log,
    online: (device) => isOnline(device, onlineRule, Date.now()),
    logger,
    limits: settings,
  };
  const server = createHttpServer(context, {
    host: settings.host,
    port: settings.port,
    router: createRouter(context, { readiness, dashboardFolder }),
  });

  /** Asked behind an `await`, after which the compiler still believes what it saw before. */
  function closed(): boolean {
    return state === 'closing';
  }

  function announce(mqttUrl: string): void {
    if (announced) return;
    announced = true;
    const { topics } = settings;
    lifeLogger.info(
      { event: 'gateway.ready', version, url: server.url, mqtt: redactUrl(mqttUrl), topics },
      'ready',
    );
  }

  return {
    settings,
    get url() {
      return server.url;
    },
    get mqttUrl() {
      return settings.mqttUrl ?? embedded?.url ?? '';
    },

    async start() {
      if (state !== 'new') throw new Error('a gateway starts once');
      state = 'running';
      processMonitor.start();
      await server.listen();
      lifeLogger.info({ event: 'gateway.listening', url: server.url }, 'listening');
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
    const serverClosed = server.stop();
    await simulator?.close();
    await source?.close();
    const { drainMs } = settings;
    const [connectionsCut, requestsCut] = await Promise.all([
      connections.close(drainMs),
      server.drain(drainMs),
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
