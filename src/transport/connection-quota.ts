import type { GraphQLError } from 'graphql';
import type { Quota } from '../../schema/builder.ts';
import { limitExceeded } from '../../schema/errors.ts';
import type { TransportContext } from './transport-context.ts';

/** What is open on one connection. */
export interface OpenOperations {
  readonly subscriptions: number;
  /** That its subscriptions name, together. */
  readonly devices: number;
  /** Subscriptions to `brokerStats`. */
  readonly statsStreams: number;
}

/** They tell each client the same, so that one of each selection that a page shows is enough. */
const maxStatsStreams = 4;

/** What a connection with these operations may still open. */
export function quotaOf({ limits, refusals }: TransportContext, open: () => OpenOperations): Quota {
  const { maxSubscriptionsPerConnection: maxSubscriptions, maxDevicesPerConnection: maxDevices } =
    limits;

  function refuse(message: string): GraphQLError {
    refusals.count('SUBSCRIPTIONS');
    return limitExceeded(message);
  }

  return {
    messages(more) {
      const { subscriptions, devices } = open();
      if (subscriptions >= maxSubscriptions) {
        return refuse(`One connection takes at most ${maxSubscriptions} subscriptions.`);
      }
      if (devices + more > maxDevices) {
        return refuse(
          `The subscriptions of one connection name at most ${maxDevices} devices together; these are ${devices + more}.`,
        );
      }
      return undefined;
    },
    stats() {
      if (open().statsStreams < maxStatsStreams) return undefined;
      return refuse(
        `One connection takes at most ${maxStatsStreams} subscriptions to brokerStats.`,
      );
    },
  };
}
