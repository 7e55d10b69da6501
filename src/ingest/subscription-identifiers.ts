import { createHash } from 'node:crypto';

/** [MQTT-3.8.2.1.2]: from 1 to 268,435,455. */
const highest = 268_435_455;

/** The subscription identifiers of MQTT 5 for the filters of this configuration. */
export interface SubscriptionIdentifiers {
  /** By the index of the filter. */
  readonly all: readonly number[];
  /** The index of the filter that has this identifier; undefined: the subscription is not one of this configuration. */
  indexOf(identifier: number): number | undefined;
}

/**
 * Each is made from the text of its filter. The numbers 1, 2, 3 would name other
 * filters after a change of the configuration, in a session that has outlived it:
 * what it had queued for one filter would count as the copy for another.
 */
export function identifySubscriptions(filters: readonly string[]): SubscriptionIdentifiers {
  const indexes = new Map<number, number>();
  for (const [index, filter] of filters.entries()) {
    const hash = createHash('sha256').update(filter).digest().readUInt32BE(0);
    let identifier = (hash % highest) + 1;
    while (indexes.has(identifier)) identifier = (identifier % highest) + 1;
    indexes.set(identifier, index);
  }
  return { all: [...indexes.keys()], indexOf: (identifier) => indexes.get(identifier) };
}
