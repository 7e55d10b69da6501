import type { IClientOptions, MqttClient } from 'mqtt';
import type { Concerned } from '../kernel/arrival.ts';
import type { MqttConnection } from '../mqtt/connector-listener.ts';
import type { ProtocolVersion } from '../mqtt/protocol-version.ts';
import type { Logger } from '../observe/logger.ts';
import { watchQueue } from './queue-watch.ts';

export interface SourceSessionOptions {
  /** Makes the session persistent: the MQTT broker keeps what is published while the gateway is away. */
  readonly clientId?: string | undefined;
  /** How long the MQTT broker keeps a persistent session, in seconds. */
  readonly sessionExpiryS: number;
  /**
   * How many messages the MQTT broker queues for a persistent session; 0: all of
   * them. Undefined: nobody knows, so that a session that is resumed may have lost some.
   */
  readonly queueLimit?: number | undefined;
  /** As the log shows it. */
  readonly address: string;
  readonly logger: Logger;
  /**
   * Called when the connection is back, before the first message that it brings,
   * and when the queue of a resumed session turns out to have been full: messages
   * of these devices may be lost.
   */
  readonly interrupted: (concerned: Concerned) => void;
}

/** The session at the MQTT broker, from one connection to the next: whether it was kept, and what may be lost. */
export interface SourceSession {
  readonly persistent: boolean;
  readonly clientId: string;
  /** What CONNECT says of it. */
  connectOptions(version: ProtocolVersion): Pick<IClientOptions, 'clean' | 'clientId'> & {
    readonly properties?: IClientOptions['properties'];
  };
  /**
   * Answers what the connection is: `resumed` has the subscriptions of this process,
   * `new` has none, and `ending` took the place of a session that is given up: it is
   * to be closed. Tells of an interruption, if there was one.
   */
  begin(connection: MqttConnection): 'resumed' | 'new' | 'ending';
  /** Every filter is subscribed. */
  subscribed(): void;
  /** The connection was lost at this time of `performance`. */
  lost(at: number): void;
  /** The next connection ends the session: the broker would send a packet that was not taken again and again. */
  giveUp(): void;
}

/** Messages of QoS 1 and 2 that the broker may have on their way to us at a time (MQTT 5). */
const receiveMaximum = 1_024;

export function createSourceSession(options: SourceSessionOptions): SourceSession {
  const { address, logger, queueLimit } = options;
  const persistent = options.clientId !== undefined;
  const clientId = options.clientId ?? `sluice-${Math.random().toString(36).slice(2, 12)}`;
  /** False in a new process: an old session may hold other filters than today's. */
  let subscribedBefore = false;
  let endsSession = false;
  /** On the clock of `performance`; undefined while nothing was lost. */
  let lostAt: number | undefined;
  /** A resumed session's queue has not ended yet, so it may turn out to have been full. */
  let queueIsOpen = false;

  /** The connection is back. Nothing that it brings has been read yet. */
  function interrupted(client: MqttClient, since: number, isResumed: boolean): void {
    if (persistent && subscribedBefore && !isResumed) {
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

  function watchQueueOf(client: MqttClient, limit: number): void {
    watchQueue(client, {
      limit,
      full() {
        queueIsOpen = false;
        logger.warn(
          { event: 'mqtt.queue_full', mqtt: address, queueLimit: limit },
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

  return {
    persistent,
    clientId,
    connectOptions: (version) => ({
      clientId,
      clean: !persistent || endsSession,
      ...(version === 5 && {
        properties: {
          // A flood waits at the broker, and in its queues, rather than in memory here.
          receiveMaximum,
          ...(persistent && { sessionExpiryInterval: options.sessionExpiryS }),
        },
      }),
    }),
    begin({ client, connack }) {
      if (endsSession) {
        // A clean session has taken the place of the old one, and would end with this
        // connection: the next one begins a session that lasts again.
        endsSession = false;
        subscribedBefore = false;
        return 'ending';
      }
      const isResumed = connack.sessionPresent && subscribedBefore;
      if (lostAt !== undefined) interrupted(client, lostAt, isResumed);
      return isResumed ? 'resumed' : 'new';
    },
    subscribed() {
      lostAt = undefined;
      subscribedBefore = true;
    },
    lost(at) {
      lostAt = at;
    },
    giveUp() {
      endsSession = persistent;
    },
  };
}
