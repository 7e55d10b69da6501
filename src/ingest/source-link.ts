import type { Logger } from '../observe/logger.ts';
import { createBackOff } from './back-off.ts';

export interface SourceLinkOptions {
  readonly persistent: boolean;
  readonly clientId: string;
  /** As the log shows it. */
  readonly address: string;
  readonly logger: Logger;
}

/** The attempts to connect: how they are spaced, and what the losses of connections look like. */
export interface SourceLink {
  /** How often the connection was lost. */
  readonly interruptions: number;
  /** How long to wait before the next attempt, in milliseconds. */
  nextMs(): number;
  /** At this time of `performance` everything was subscribed. */
  connected(at: number): void;
  /** At this time of `performance` the connection was lost; `cut` by ourselves, for a packet that was too long. */
  lost(at: number, how: { readonly cut: boolean; readonly takenOver: boolean }): void;
  /** Another client seems to use the same id. */
  clientIdInUse(problem: string): void;
}

/** A connection that lasted this long was a good one: the next attempt comes soon after its loss. */
const steadyMs = 10_000;
/** So many connections in a row that were not steady look like a client id that somebody else uses. */
const suspiciousLosses = 3;

export function createSourceLink(options: SourceLinkOptions): SourceLink {
  const { persistent, clientId, address, logger } = options;
  const backOff = createBackOff();
  let interruptions = 0;
  let connectedAt = 0;
  /** Connections in a row that were not steady. */
  let quickLosses = 0;

  function clientIdInUse(problem: string): void {
    logger.warn(
      { event: 'mqtt.client_id_in_use', mqtt: address, clientId, problem },
      'another client seems to use the same MQTT client id',
    );
  }

  return {
    get interruptions() {
      return interruptions;
    },
    nextMs: () => backOff.nextMs(),
    connected(at) {
      connectedAt = at;
    },
    lost(at, { cut, takenOver }) {
      interruptions += 1;
      if (!cut) {
        logger.warn({ event: 'mqtt.connection_lost', mqtt: address }, 'MQTT connection lost');
      }
      // Otherwise two clients with one id throw each other out several times a second, and
      // a retained packet that is too long, which comes with each subscription, is read as often.
      if (at - connectedAt >= steadyMs && !takenOver) {
        backOff.reset();
        quickLosses = 0;
        return;
      }
      quickLosses += 1;
      if (persistent && !cut && !takenOver && quickLosses >= suspiciousLosses) {
        clientIdInUse(`${quickLosses} connections in a row were lost within ${steadyMs / 1_000} s`);
      }
    },
    clientIdInUse,
  };
}
