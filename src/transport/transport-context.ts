import type { IncomingMessage } from 'node:http';
import type { GraphQLError, GraphQLSchema } from 'graphql';
import { AnswerBudget } from '../../schema/answer-budget.ts';
import type { SchemaContext } from '../../schema/builder.ts';
import type { Broker } from '../broker/broker.ts';
import type { CheckDocument } from '../delivery/document-cache.ts';
import type { Turn } from '../delivery/outbox.ts';
import type { Selections } from '../delivery/selection.ts';
import type { BrokerStats } from '../observe/broker-stats.ts';
import type { DeviceRecord, Log } from '../log/log.ts';
import type { RefusalCounter } from '../observe/refusals.ts';
import type { Logger } from '../observe/logger.ts';
import type { Connections } from './connections.ts';
import type { EventPositions } from './event-positions.ts';
import type { OriginPolicy } from './origin-policy.ts';

/** What every transport is given: the rest of the gateway, as far as they may see it. */
export interface TransportContext {
  readonly schema: GraphQLSchema;
  readonly check: CheckDocument;
  readonly selections: Selections;
  readonly turn: Turn;
  readonly broker: Broker;
  readonly connections: Connections;
  readonly stats: () => BrokerStats;
  readonly refusals: RefusalCounter;
  readonly originPolicy: OriginPolicy;
  readonly log: Log;
  /** Whether a device is online; null when nobody knows. */
  readonly online: (device: DeviceRecord) => boolean | null;
  readonly logger: Logger;
  readonly limits: {
    readonly maxDeviceIds: number;
    readonly queueSize: number;
    readonly maxSubscriptionsPerConnection: number;
    readonly maxRequestBytes: number;
    readonly websocketCompression: 'off' | 'on';
  };
}

/** What is special about one operation. */
export interface OperationContext {
  /** See `SchemaContext`. */
  readonly refusal?: (() => GraphQLError | undefined) | undefined;
  /** Of its devices, for a stream whose events have ids. */
  readonly positions?: EventPositions | undefined;
}

/** What resolvers see on behalf of one client. */
export function schemaContext(
  { broker, log, online, stats, limits }: TransportContext,
  who: string,
  { refusal, positions }: OperationContext = {},
): SchemaContext {
  return {
    broker,
    log,
    online,
    budget: new AnswerBudget(),
    stats,
    limits,
    who,
    refusal,
    ...(positions !== undefined && {
      resumes: (deviceIds) => positions.after(deviceIds),
      begins: (sequences) => positions.begin(sequences),
    }),
  };
}

/** Who a client is in the log. */
export function whoAsks(transport: string, { socket }: IncomingMessage): string {
  return `${transport} ${socket.remoteAddress}:${socket.remotePort}`;
}
