import type { Logger } from '../observe/logger.ts';
import { createTokenBucket } from '../observe/token-bucket.ts';
import { filtersMatching } from './matching-filters.ts';
import { parseTopicTemplate, type TopicTemplate } from '../config/topic-template.ts';

/** Topics for which filters are tried: so many at once, then one in 10 s, and no more than this in all. */
const burst = 10;
const perSecond = 0.1;
const maxTopics = 100;
/** Filters that are tried for one topic. Every one that matches, up to a topic of five levels. */
const maxFilters = 128;
/** Filters of one UNSUBSCRIBE: AWS IoT disconnects a client that sends more. */
const filtersAtOnce = 8;
/** Of a topic, so that what is remembered of a hundred of them stays below 4 MB. */
const maxTopicLength = 256;
/** Reason code of UNSUBACK: the subscription existed. */
const success = 0;

export interface LeftSubscriptionsOptions {
  /** As the log shows it. */
  readonly address: string;
  /** The filters of this configuration, which are never ended. */
  readonly filters: readonly string[];
  /**
   * Sends one UNSUBSCRIBE, and resolves with the reason code of each filter;
   * undefined over MQTT 3.1.1, which has none. Rejects when the connection ends before.
   */
  readonly unsubscribe: (filters: readonly string[]) => Promise<readonly number[] | undefined>;
  readonly logger: Logger;
  /** Milliseconds that never go back. */
  readonly now: () => number;
}

/**
 * Ends what a persistent session has left of an earlier configuration. MQTT cannot
 * list the subscriptions of a session, so the filters that match the topic of a
 * message are tried. Whoever publishes can choose that topic, but neither end a
 * subscription of this configuration, nor make the gateway send more than the
 * limits above.
 */
export interface LeftSubscriptions {
  /** A message on this topic came from a subscription that is not one of this configuration. MUST be cheap. */
  suspect(topic: string): void;
}

export function createLeftSubscriptions(options: LeftSubscriptionsOptions): LeftSubscriptions {
  const { address: mqtt, logger, now } = options;
  const own = new Set(options.filters);
  const tried = new Set<string>();
  const triedTopics = new Set<string>();
  /** Of what was ended: the broker may still have messages of it in its queue. */
  const ended: TopicTemplate[] = [];
  const take = createTokenBucket({ perSecond, burst, now });
  let isBusy = false;

  async function tryFilters(topic: string): Promise<void> {
    const filters = untriedFilters(topic);
    const found: string[] = [];
    let areToldApart = true;
    for (let i = 0; i < filters.length; i += filtersAtOnce) {
      const some = filters.slice(i, i + filtersAtOnce);
      // One packet at a time: it waits for the answer to the one before.
      const codes = await options.unsubscribe(some);
      areToldApart &&= codes !== undefined;
      for (const [j, filter] of some.entries()) {
        tried.add(filter);
        if (codes?.[j] !== success) continue;
        found.push(filter);
        ended.push(parseTopicTemplate(filter, { deviceIdRequired: false }));
      }
    }
    triedTopics.add(topic);
    tell(topic, found, { tried: filters.length, areToldApart });
  }

  function untriedFilters(topic: string): string[] {
    const filters: string[] = [];
    for (const filter of filtersMatching(topic)) {
      if (filters.length === maxFilters) break;
      // No template has a brace, apart from its placeholder.
      if (filter.includes('{')) continue;
      if (!own.has(filter) && !tried.has(filter)) filters.push(filter);
    }
    return filters;
  }

  function tell(
    topic: string,
    found: readonly string[],
    { tried: count, areToldApart }: { readonly tried: number; readonly areToldApart: boolean },
  ): void {
    if (found.length > 0) {
      logger.warn(
        { event: 'mqtt.left_subscription_ended', mqtt, topic, filters: found },
        `the MQTT session still had subscriptions of an earlier configuration, which are ended now: ${found.join(', ')}`,
      );
      return;
    }
    const problem = areToldApart
      ? `none of the ${count} filters that were tried is it`
      : `${count} filters were tried, and MQTT 3.1.1 does not say whether one was it`;
    logger.warn(
      { event: 'mqtt.left_subscription_unknown', mqtt, topic, tried: count, problem },
      'the MQTT session may still have a subscription of an earlier configuration',
    );
  }

  return {
    suspect(topic) {
      if (isBusy || triedTopics.size >= maxTopics || triedTopics.has(topic)) return;
      if (topic.length > maxTopicLength || ended.some((filter) => filter.matches(topic))) return;
      if (!take()) return;
      isBusy = true;
      // When the connection ends meanwhile, a later message tries the rest.
      tryFilters(topic)
        .catch(() => undefined)
        .finally(() => (isBusy = false));
    },
  };
}
