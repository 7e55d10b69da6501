import { once, type EventEmitter } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { Aedes, type Client } from 'aedes';
import type { Logger } from '../observe/logger.ts';
import { limitPackets } from '../mqtt/packet-meter.ts';

/** An MQTT 3.1.1 broker inside the process, for trying things out and for tests. */
export interface EmbeddedBroker {
  /** Where devices and the gateway connect to: `mqtt://127.0.0.1:1883`. */
  readonly url: string;
  readonly port: number;
  /** Ends every connection and frees the port. Calling it again waits for the same end. */
  close(): Promise<void>;
}

export interface EmbeddedBrokerOptions {
  /** 0: any free port. When it is in use, one of the next ports is taken. */
  readonly port: number;
  /** Default: 127.0.0.1, since the broker asks for no password. */
  readonly host?: string;
  /** The longest packet of a client, in bytes; who sends a longer one is disconnected. Default: 16 MiB. */
  readonly maxPacketBytes?: number;
  readonly logger: Pick<Logger, 'debug' | 'error'>;
}

/** How many ports are tried, the first one included. */
const portsTried = 20;
const maxConnections = 10_000;
/** A subscriber that takes nothing holds up all others for as long, and is disconnected then. */
const drainTimeoutMs = 5_000;

export async function createEmbeddedBroker({
  port,
  host = '127.0.0.1',
  maxPacketBytes = 16 * 1024 * 1024,
  logger,
}: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
  const aedes = await Aedes.createBroker({
    drainTimeout: drainTimeoutMs,
    preConnect(_client, packet, done) {
      // The broker ends with the process, so no session outlives anything. Kept
      // sessions would only queue messages without a bound for clients that are gone.
      packet.clean = true;
      done(null, true);
    },
    authorizeSubscribe(_client, subscription, done) {
      // aedes would grant a shared subscription and then deliver nothing to it.
      // Without a subscription it answers with the failure code 128. [MQTT-3.9.3-2]
      done(null, subscription.topic.startsWith('$share/') ? null : subscription);
    },
  });
  const logClientError = (client: Client, error: Error): void => {
    logger.debug(
      { event: 'embedded.client_failed', err: error, clientId: client.id },
      'MQTT client of the embedded broker failed',
    );
  };
  aedes.on('clientError', logClientError);
  aedes.on('connectionError', logClientError);
  const emitter: EventEmitter = aedes;
  emitter.on('error', (error: Error) => {
    logger.error({ event: 'embedded.failed', err: error }, 'Embedded MQTT broker failed');
  });

  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    aedes.handle(socket);
    // aedes itself would collect a packet of up to 256 MiB for whoever announces one. It pulls
    // with read(), so that each chunk is watched directly before aedes parses it.
    limitPackets(socket, maxPacketBytes, (bytes) => {
      const limit = `at most ${maxPacketBytes} are taken`;
      socket.destroy(new Error(`an MQTT packet announces ${bytes} bytes, ${limit}`));
    });
  });
  server.maxConnections = maxConnections;

  let closed: Promise<void> | undefined;
  async function close(): Promise<void> {
    const ends = [new Promise<void>((resolve) => aedes.close(resolve))];
    if (server.listening) ends.push(new Promise<void>((resolve) => server.close(() => resolve())));
    // Those that never said CONNECT are unknown to aedes, and would hold up the server.
    for (const socket of sockets) socket.destroy();
    await Promise.all(ends);
  }
  const closeOnce = (): Promise<void> => (closed ??= close());

  try {
    const boundPort = await listenOnNextFree(server, port, host);
    server.on('error', (error) => {
      logger.error(
        { event: 'embedded.failed', err: error },
        'Embedded MQTT broker cannot take a connection',
      );
    });
    const url = `mqtt://${host.includes(':') ? `[${host}]` : host}:${boundPort}`;
    return { url, port: boundPort, close: closeOnce };
  } catch (error) {
    await closeOnce();
    throw error;
  }
}

async function listenOnNextFree(server: Server, first: number, host: string): Promise<number> {
  const last = first === 0 ? 0 : Math.min(first + portsTried - 1, 65_535);
  let port = first;
  for (;;) {
    try {
      return await listen(server, port, host);
    } catch (error) {
      if (!isInUse(error)) throw error;
      if (port === last) {
        const message = `no port from ${first} to ${last} on ${host} is free for the embedded MQTT broker`;
        throw new Error(message, { cause: error });
      }
      port += 1;
    }
  }
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  const listening = once(server, 'listening');
  server.listen({ port, host });
  await listening;
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

function isInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}
