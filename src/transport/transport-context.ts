import type { GraphQLError } from 'graphql';
import { AnswerBudget } from '../../schema/answer-budget.ts';
import type { Quota, SchemaContext } from '../../schema/builder.ts';
import type { SharedBytes } from '../bounds/shared-bytes.ts';
import type { Caller } from '../kernel/caller.ts';
import type { Subscriptions } from '../broker/broker.ts';
import type { CheckDocument } from '../document/document-cache.ts';
import type { OperationServices } from '../delivery/perform-operation.ts';
import type { FlushQueue } from '../delivery/flush-queue.ts';
import type { RenderingMemory } from '../delivery/rendering.ts';
import type { DeviceRecord } from '../log/device-directory.ts';
import type { ReadableLog } from '../log/log.ts';
import type { SeenPositions } from '../log/position.ts';
import type { BrokerStats } from '../metrics/broker-stats.ts';
import type { Logger } from '../observe/logger.ts';
import type { Connections } from './connections.ts';
import type { OriginPolicy } from './origin-policy.ts';

/** What every transport gets: the parts of the gateway that transports may use. */
export interface TransportContext extends OperationServices {
  readonly check: CheckDocument;
  readonly flushQueue: FlushQueue;
  readonly subscriptions: Subscriptions;
  readonly connections: Connections;
  /** The memory of requests that are arriving, or waiting for their turn. */
  readonly incoming: SharedBytes;
  /** The memory of answers that their clients have not read. */
  readonly unread: SharedBytes;
  readonly renderings: RenderingMemory;
  readonly stats: () => BrokerStats;
  /** The stats, shared by all requests within a tenth of a second. */
  readonly sharedStats: () => BrokerStats;
  readonly originPolicy: OriginPolicy;
  readonly log: ReadableLog;
  /** Whether a device is online; null when that is unknown. */
  readonly online: (device: DeviceRecord) => boolean | null;
  readonly logger: Logger;
  /** Converts an error into what a client may see of it; the log has the rest. */
  readonly hide: (error: unknown) => GraphQLError;
  readonly limits: {
    readonly maxDeviceIds: number;
    readonly queueSize: number;
    readonly maxSubscriptionsPerConnection: number;
    readonly maxDevicesPerConnection: number;
    readonly maxRequestBytes: number;
    readonly maxAnswerFields: number;
    readonly maxReservations: number;
    readonly maxConnections: number;
    readonly headTimeoutMs: number;
    readonly requestTimeoutMs: number;
    readonly idleTimeoutMs: number;
    readonly websocketCompression: 'off' | 'on';
  };
}

/** The parts of the context that belong to one operation. */
export interface OperationContext {
  /** The limits on what the connection may still open. Default: no limit. */
  readonly quota?: Quota | undefined;
  /** The last positions that the client has seen, as far as its transport knows. */
  readonly seen?: SeenPositions | undefined;
}

/** The context of resolvers for one client. */
export function schemaContext(
  { subscriptions, log, online, stats, sharedStats, limits }: TransportContext,
  caller: Caller,
  { quota, seen }: OperationContext = {},
): SchemaContext {
  return {
    subscriptions,
    log,
    online,
    budget: new AnswerBudget(limits.maxAnswerFields),
    stats,
    sharedStats,
    limits,
    caller,
    quota,
    seen,
  };
}
