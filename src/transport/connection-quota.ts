import type { GraphQLError } from 'graphql';
import type { Quota } from '../../schema/builder.ts';
import { limitExceeded } from '../../schema/errors.ts';
import type { TransportContext } from './transport-context.ts';

/** What is open on one connection. */
export interface OpenOperations {
  readonly subscriptions: number;
  /** The number of devices that its subscriptions name together. */
  readonly devices: number;
  /** The number of subscriptions to `brokerStats`. */
  readonly statsStreams: number;
}

/**
 * The maximum of subscriptions to `brokerStats` on one connection. All of them have the
 * same data, so a page needs one for each selection that it shows.
 */
const maxStatsStreams = 4;

/** The limits on what a connection with these operations may still open. */
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
