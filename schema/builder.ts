import SchemaBuilder from '@pothos/core';
import type { GraphQLError } from 'graphql';
import type { Subscriptions } from '../src/broker/broker.ts';
import type { DeviceRecord } from '../src/log/device-directory.ts';
import type { ReadableLog } from '../src/log/log.ts';
import type { SeenPositions } from '../src/log/position.ts';
import type { Caller } from '../src/kernel/caller.ts';
import type { RawJson } from '../src/kernel/raw-json.ts';
import type { BrokerStats } from '../src/metrics/broker-stats.ts';
import type { AnswerBudget } from './answer-budget.ts';

/** What resolvers may use. */
export interface SchemaContext {
  readonly subscriptions: Subscriptions;
  readonly log: ReadableLog;
  /** Whether a device is online; null when that is unknown. */
  readonly online: (device: DeviceRecord) => boolean | null;
  readonly budget: AnswerBudget;
  readonly stats: () => BrokerStats;
  /** The stats, shared by all requests within a tenth of a second, so that one rendering serves them. */
  readonly sharedStats: () => BrokerStats;
  readonly limits: {
    /** The maximum number of device ids of one subscription. */
    readonly maxDeviceIds: number;
    /** The maximum number of messages in the queue of one subscription. */
    readonly queueSize: number;
  };
  readonly caller: Caller;
  /**
   * The last positions that the client has seen, as far as its transport knows. They
   * take precedence over the arguments.
   */
  readonly seen?: SeenPositions | undefined;
  /** The limits on what the connection may still open. Default: no limit. */
  readonly quota?: Quota | undefined;
}

/** Tells why a connection may not open one more subscription; undefined when it may. */
export interface Quota {
  /** Asks for a subscription to the messages of this number of devices. */
  messages(devices: number): GraphQLError | undefined;
  stats(): GraphQLError | undefined;
}

export interface SchemaTypes {
  Context: SchemaContext;
  DefaultFieldNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    JSON: { Input: unknown; Output: RawJson };
    DateTime: { Input: Date; Output: number };
    SafeInt: { Input: number; Output: number };
    Position: { Input: string; Output: string };
    /** An entity by its key, in the schema of a subgraph. */
    _Any: { Input: unknown; Output: unknown };
  };
}

/** To which every file of this folder adds its type. */
export type Builder = ReturnType<typeof createBuilder>;

/** A schema that has no type yet. */
export function createBuilder() {
  return new SchemaBuilder<SchemaTypes>({ defaultFieldNullability: false });
}
