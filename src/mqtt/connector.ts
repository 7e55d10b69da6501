import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { credentialsOf, type BrokerAddress } from './broker-address.ts';
import type { ConnectorListener } from './connector-listener.ts';
import { limitPackets } from './packet-meter.ts';
import { PacketTooLongError } from './packet-too-long-error.ts';
import { isRefusedVersion, otherVersion, type ProtocolVersion } from './protocol-version.ts';

export interface ConnectorOptions {
  readonly address: BrokerAddress;
  /** What to begin with. When it is refused, the other one is next. Default: 5. */
  readonly protocolVersion?: ProtocolVersion | undefined;
  /**
   * A broker that has once accepted a version keeps it unless it refuses it with a
   * code: closing without a CONNACK is then no refusal. Default: false.
   */
  readonly keepsAcceptedVersion?: boolean;
  /** After how many silent seconds the broker is asked whether it is there. Half of it later the connection is given up. Default: 60. */
  readonly keepAliveS?: number | undefined;
  /**
   * The longest packet that is taken, in bytes. MQTT 5 asks the broker to keep longer
   * ones away; when one is announced all the same, the connection is cut. Default: 1 MiB.
   */
  readonly maxPacketBytes?: number | undefined;
  /** The session of the next attempt, and what else CONNECT says. Default: a clean one. */
  readonly session?: (version: ProtocolVersion) => Pick<IClientOptions, 'clean' | 'clientId'> & {
    readonly properties?: IClientOptions['properties'];
  };
  /** How long to wait before the next attempt, in milliseconds. Asked once before each, behind `closed`. */
  readonly retryMs: () => number;
  readonly listener: ConnectorListener;
}

/** Keeps a connection to an MQTT broker. */
export interface Connector {
  /** The client of the connection; undefined while there is none. What is to be published goes through it. */
  readonly client: MqttClient | undefined;
  /** No call of the listener follows. Says goodbye to the broker, or with `isForced` cuts the connection. */
  close(isForced?: boolean): Promise<void>;
}

const connectTimeoutMs = 10_000;
/** How long a broker that is told goodbye may leave the connection open. A frozen one would for ever. */
const goodbyeMs = 1_000;
const defaultKeepAliveS = 60;
const defaultMaxPacketBytes = 1024 * 1024;

/**
 * Speaks MQTT 5 and falls back to 3.1.1 where the broker does not, and goes on
 * trying until it is closed: what is final is for the listener to decide. Throws
 * when the first attempt cannot be tried.
 *
 * Each attempt is a client of its own: MQTT.js reconnects at a fixed pace and
 * with the protocol version that it began with.
 */
export function createConnector(options: ConnectorOptions): Connector {
  const { address, listener, maxPacketBytes = defaultMaxPacketBytes } = options;
  let protocolVersion = options.protocolVersion ?? 5;
  let hasAccepted = false;
  let client: MqttClient;
  let timer: NodeJS.Timeout | undefined;
  let closing: Promise<void> | undefined;

  function attempt(): void {
    const current = mqtt.connect(address.url, clientOptions());
    client = current;
    let isAccepted = false;
    let isRefused = false;
    let hasFailed = false;

    function fail(error: Error): void {
      hasFailed = true;
      if (closing === undefined) listener.failed(error);
    }
    limitPackets(current.stream, maxPacketBytes, (bytes) => {
      fail(new PacketTooLongError(bytes, maxPacketBytes));
      current.stream.destroy();
    });
    current.on('connect', (connack) => {
      isAccepted = true;
      hasAccepted = true;
      if (closing === undefined) listener.connected({ client: current, protocolVersion, connack });
    });
    current.on('error', (error) => {
      if (isRefusedVersion(error)) isRefused = true;
      else fail(error);
    });
    current.on('disconnect', ({ reasonCode = 0 }) => {
      if (closing === undefined) listener.disconnected?.(reasonCode);
    });
    current.once('close', () => {
      if (closing !== undefined) return;
      const isSilent = !isAccepted && !hasFailed && !isRefused;
      listener.closed?.({ isSilent });
      current.removeAllListeners('message');
      current.end(true);
      if (closing === undefined) goOn({ isRefused, isSilent });
    });
    listener.prepare?.(current);
  }

  function goOn({ isRefused, isSilent }: { isRefused: boolean; isSilent: boolean }): void {
    const keepsVersion = options.keepsAcceptedVersion === true && hasAccepted;
    if (isRefused || (isSilent && !keepsVersion)) {
      protocolVersion = otherVersion(protocolVersion);
      listener.protocolChanged?.(protocolVersion, { isSilent });
      // Only downwards: a broker that accepts neither is asked at the pace of the attempts.
      if (protocolVersion === 4 && (isRefused || !hasAccepted)) {
        tryAgain();
        return;
      }
    }
    retry();
  }

  function retry(): void {
    if (closing !== undefined) return;
    const waitMs = options.retryMs();
    timer = setTimeout(tryAgain, waitMs);
    listener.waiting?.(waitMs);
  }

  function tryAgain(): void {
    try {
      attempt();
    } catch (error) {
      listener.untried(error);
      retry();
    }
  }

  function clientOptions(): IClientOptions {
    const { properties, ...session } = options.session?.(protocolVersion) ?? {};
    return {
      ...credentialsOf(address),
      ...session,
      protocolVersion,
      reconnectPeriod: 0,
      resubscribe: false,
      // Its debug log costs a call or two for each message even when it is off.
      log: () => {},
      connectTimeout: connectTimeoutMs,
      keepalive: options.keepAliveS ?? defaultKeepAliveS,
      // What is published while the connection is away is not for MQTT.js to keep.
      queueQoSZero: false,
      ...(protocolVersion === 5 && {
        properties: { maximumPacketSize: maxPacketBytes, ...properties },
      }),
    };
  }

  async function end(isForced: boolean): Promise<void> {
    clearTimeout(timer);
    client.removeAllListeners('message');
    const { promise: isOverdue, resolve } = Promise.withResolvers<void>();
    const deadline = setTimeout(() => {
      client.stream.destroy();
      resolve();
    }, goodbyeMs);
    await Promise.race([client.endAsync(isForced || !client.connected), isOverdue]);
    clearTimeout(deadline);
  }

  attempt();
  return {
    get client() {
      return closing === undefined && client.connected ? client : undefined;
    },
    close(isForced = false) {
      closing ??= end(isForced);
      return closing;
    },
  };
}
