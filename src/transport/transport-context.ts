import type { IncomingMessage } from 'node:http';
import type { GraphQLError, GraphQLSchema } from 'graphql';
import type { SchemaContext } from '../../schema/builder.ts';
import type { Broker } from '../broker/broker.ts';
import type { CheckDocument } from '../delivery/document-cache.ts';
import type { Turn } from '../delivery/outbox.ts';
import type { Selections } from '../delivery/selection.ts';
import type { BrokerStats } from '../observe/broker-stats.ts';
import type { Logger } from '../observe/logger.ts';
import type { Connections } from './connections.ts';

/** What every transport is given: the rest of the gateway, as far as they may see it. */
export interface TransportContext {
  readonly schema: GraphQLSchema;
  readonly check: CheckDocument;
  readonly selections: Selections;
  readonly turn: Turn;
  readonly broker: Broker;
  readonly connections: Connections;
  readonly stats: () => BrokerStats;
  readonly logger: Logger;
  readonly limits: {
    readonly maxDeviceIds: number;
    readonly queueSize: number;
    readonly maxSubscriptionsPerConnection: number;
    readonly maxRequestBytes: number;
    readonly websocketCompression: 'off' | 'on';
  };
}

/** What resolvers see on behalf of one client. */
export function schemaContext(
  { broker, stats, limits }: TransportContext,
  who: string,
  refusal?: () => GraphQLError | undefined,
): SchemaContext {
  return { broker, stats, limits, who, refusal };
}

/** Who a client is in the log. */
export function whoAsks(transport: string, { socket }: IncomingMessage): string {
  return `${transport} ${socket.remoteAddress}:${socket.remotePort}`;
}
