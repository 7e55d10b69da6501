/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { GeneratedDocument as DocumentNode } from '../document.ts';
/** The position of the last message of a device that a client has seen. */
export type DevicePosition = {
  /** The device; one of `deviceIds`. */
  deviceId: string | number;
  /** The `position` of that message. */
  position: string;
};

/** Why a message was not delivered to a subscription that had asked for it. */
export type DropReason =
  /** A client asked for it by position, and it was no longer kept. */
  | 'HISTORY_EXPIRED'
  /** The subscription's queue was full: its client did not read fast enough. */
  | 'QUEUE_OVERFLOW'
  /** It was waiting in the queue, or to be replayed, when the subscription ended. A client that resumes after its last position gets it. */
  | 'SUBSCRIPTION_ENDED';

/** Why a subscription ended. */
export type EndReason =
  /** The client ended it. */
  | 'CLIENT_COMPLETED'
  /** Its connection ended, with or without a closing message. */
  | 'CONNECTION_LOST'
  /** Something broke inside the gateway; the log says what. */
  | 'INTERNAL_ERROR'
  /** The gateway was shutting down. */
  | 'SHUTTING_DOWN'
  /** Its queue was full and its policy is DISCONNECT. */
  | 'SLOW_CONSUMER';

/** Why a subscription missed messages. */
export type GapReason =
  /** Newer messages replaced them, as the client had asked with `minIntervalMs` or the policy LATEST. */
  | 'CONFLATED'
  /** The client asked for them by position, and they were no longer kept. */
  | 'HISTORY_EXPIRED'
  /** The subscription's queue was full: its client did not read fast enough. */
  | 'QUEUE_OVERFLOW'
  /** The connection to the MQTT broker was interrupted, or its queue was full: how many were missed, or whether any were, cannot be known. */
  | 'SOURCE_INTERRUPTED'
  /** The gateway has started a new log since the position that the client sent: how many were missed cannot be known. */
  | 'STREAM_RESET';

/** What a full queue does with the next message. Every drop is counted. */
export type OverflowPolicy =
  /** Ends the subscription with the code SLOW_CONSUMER. */
  | 'DISCONNECT'
  /** Drops the new message. The queued messages stay: they have no holes up to the time when the client stopped reading. */
  | 'DROP_NEWEST'
  /** Drops the oldest queued message to make room for the new one. */
  | 'DROP_OLDEST'
  /** Keeps only the newest message of each device: a client that reads again gets the current state at once. Replaced messages count as conflated. */
  | 'LATEST';

/** Why a request of a client was refused, or its connection ended. */
export type RefusalReason =
  /** Answers that were not read yet used all the memory that is reserved for them. */
  | 'ANSWERS_IN_FLIGHT'
  /** An operation asked for more values than one answer may contain. */
  | 'ANSWER_SIZE'
  /** The HTTP connection already had as many requests in progress as one connection may have. */
  | 'BUSY_SOCKET'
  /** As many connections were open as `SLUICE_MAX_CONNECTIONS` or the limit of open files allows. */
  | 'CONNECTIONS'
  /** A GraphQL document was larger than the gateway accepts. */
  | 'DOCUMENT_SIZE'
  /** The request was sent to a host name that is not one of the gateway's: `SLUICE_ALLOWED_HOSTS` adds further ones. */
  | 'FOREIGN_HOST'
  /** The request came from a page of another origin that `SLUICE_ALLOWED_ORIGINS` does not name. */
  | 'FOREIGN_ORIGIN'
  /** Requests that were still arriving or waiting used all the memory that is reserved for them. */
  | 'INCOMING_BYTES'
  /** A request, or a WebSocket message, was longer than the gateway accepts. */
  | 'REQUEST_SIZE'
  /** A request, or a WebSocket message, did not arrive in time. */
  | 'REQUEST_TIMEOUT'
  /** The maximum number of reservations of the single connection mode was waiting. */
  | 'RESERVATIONS'
  /** As many distinct selections were in use as one connection, or all connections together, may have. */
  | 'SELECTIONS'
  /** A connection had as many subscriptions, or watched as many devices, as one may have. */
  | 'SUBSCRIPTIONS'
  /** A client sent requests and did not read the answers. */
  | 'UNREAD';

/** Why a message from the MQTT broker was refused. */
export type RejectionReason =
  /** The device id is longer than 256 characters, or contains a control character or a lone surrogate. */
  | 'BAD_DEVICE_ID'
  /** It was only white space, or an empty array. */
  | 'EMPTY'
  /** It was not valid UTF-8. */
  | 'INVALID_UTF8'
  /** It was neither valid JSON nor newline-delimited JSON. */
  | 'NOT_JSON'
  /** It has no device id in the place where the template looks for one. */
  | 'NO_DEVICE_ID'
  /** It was longer than the gateway accepts. */
  | 'TOO_LARGE'
  /** Its device is new, the gateway knows as many devices as it keeps, and no device was found that could make room. */
  | 'TOO_MANY_DEVICES'
  /** It was an array of objects, or newline-delimited JSON, with more messages than one payload may contain. All of them are refused, and counted as one. */
  | 'TOO_MANY_MESSAGES'
  /** It came on the topic of availability, and was neither the payload for online nor the one for offline. */
  | 'UNKNOWN_AVAILABILITY'
  /** Its topic matches no template: a persistent session still has a subscription of an earlier configuration. */
  | 'UNWANTED_TOPIC';

/** A way in which a client reaches the gateway. */
export type Transport =
  /** A GraphQL operation that is answered at once. No subscription is open over it. */
  | 'HTTP'
  /** The program that embeds the gateway. */
  | 'LIBRARY'
  /** GraphQL over `multipart/mixed`. */
  | 'MULTIPART'
  /** The plain stream, over Server-Sent Events. */
  | 'PLAIN_SSE'
  /** The plain stream, over WebSocket. */
  | 'PLAIN_WEBSOCKET'
  /** GraphQL over Server-Sent Events, in either mode. */
  | 'SSE'
  /** GraphQL over WebSocket. */
  | 'WEBSOCKET';

export type CurrentPositionsQueryVariables = Exact<{
  deviceIds: Array<string | number> | string | number;
  replay?: number | null | undefined;
}>;


export type CurrentPositionsQuery = { currentPositions: Array<{ deviceId: string, position: string }> | null };

export type DeviceMessagesSubscriptionVariables = Exact<{
  deviceIds: Array<string | number> | string | number;
  after?: Array<DevicePosition> | DevicePosition | null | undefined;
  replay?: number | null | undefined;
  overflow?: OverflowPolicy | null | undefined;
  maxQueued?: number | null | undefined;
  minIntervalMs?: number | null | undefined;
}>;


export type DeviceMessagesSubscription = { deviceMessages: { deviceId: string, topic: string, payload: unknown, receivedAt: string, retained: boolean, position: string, gap: { missed: number | null, reason: GapReason } | null } };

export type NeverHeardQueryVariables = Exact<{
  deviceIds: Array<string | number> | string | number;
}>;


export type NeverHeardQuery = { currentPositions: Array<{ deviceId: string, heard: boolean }> | null };

export type StatsFragment = { totalMessagesProcessed: number, activeSubscribers: number, devicesBeingMonitored: number, messagesDelivered: number, messagesDropped: number, messagesConflated: number, messagesRejected: number, messagesCleared: number, requestsRefused: number, devicesForgotten: number, logLinesDropped: number, messagesQueued: number, connections: number, devicesKnown: number, ingestConnected: boolean, sourceInterruptions: number, uptimeSeconds: number, version: string, activeSubscribersByTransport: Array<{ transport: Transport, count: number }>, messagesDeliveredByTransport: Array<{ transport: Transport, count: number }>, messagesDroppedByReason: Array<{ reason: DropReason, count: number }>, messagesRejectedByReason: Array<{ reason: RejectionReason, count: number }>, subscriptionsEndedByReason: Array<{ reason: EndReason, count: number }>, requestsRefusedByReason: Array<{ reason: RefusalReason, count: number }>, connectionsByTransport: Array<{ transport: Transport, count: number }>, process: { eventLoopDelayMs: number, heapUsedBytes: number, residentBytes: number } };

export type BrokerStatsQueryVariables = Exact<{ [key: string]: never; }>;


export type BrokerStatsQuery = { brokerStats: { totalMessagesProcessed: number, activeSubscribers: number, devicesBeingMonitored: number, messagesDelivered: number, messagesDropped: number, messagesConflated: number, messagesRejected: number, messagesCleared: number, requestsRefused: number, devicesForgotten: number, logLinesDropped: number, messagesQueued: number, connections: number, devicesKnown: number, ingestConnected: boolean, sourceInterruptions: number, uptimeSeconds: number, version: string, activeSubscribersByTransport: Array<{ transport: Transport, count: number }>, messagesDeliveredByTransport: Array<{ transport: Transport, count: number }>, messagesDroppedByReason: Array<{ reason: DropReason, count: number }>, messagesRejectedByReason: Array<{ reason: RejectionReason, count: number }>, subscriptionsEndedByReason: Array<{ reason: EndReason, count: number }>, requestsRefusedByReason: Array<{ reason: RefusalReason, count: number }>, connectionsByTransport: Array<{ transport: Transport, count: number }>, process: { eventLoopDelayMs: number, heapUsedBytes: number, residentBytes: number } } | null };

export type WatchBrokerStatsSubscriptionVariables = Exact<{
  intervalMs?: number | null | undefined;
}>;


export type WatchBrokerStatsSubscription = { brokerStats: { totalMessagesProcessed: number, activeSubscribers: number, devicesBeingMonitored: number, messagesDelivered: number, messagesDropped: number, messagesConflated: number, messagesRejected: number, messagesCleared: number, requestsRefused: number, devicesForgotten: number, logLinesDropped: number, messagesQueued: number, connections: number, devicesKnown: number, ingestConnected: boolean, sourceInterruptions: number, uptimeSeconds: number, version: string, activeSubscribersByTransport: Array<{ transport: Transport, count: number }>, messagesDeliveredByTransport: Array<{ transport: Transport, count: number }>, messagesDroppedByReason: Array<{ reason: DropReason, count: number }>, messagesRejectedByReason: Array<{ reason: RejectionReason, count: number }>, subscriptionsEndedByReason: Array<{ reason: EndReason, count: number }>, requestsRefusedByReason: Array<{ reason: RefusalReason, count: number }>, connectionsByTransport: Array<{ transport: Transport, count: number }>, process: { eventLoopDelayMs: number, heapUsedBytes: number, residentBytes: number } } };

export const StatsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Stats"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"BrokerStats"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalMessagesProcessed"}},{"kind":"Field","name":{"kind":"Name","value":"activeSubscribers"}},{"kind":"Field","name":{"kind":"Name","value":"activeSubscribersByTransport"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"transport"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}},{"kind":"Field","name":{"kind":"Name","value":"devicesBeingMonitored"}},{"kind":"Field","name":{"kind":"Name","value":"messagesDelivered"}},{"kind":"Field","name":{"kind":"Name","value":"messagesDeliveredByTransport"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"transport"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}},{"kind":"Field","name":{"kind":"Name","value":"messagesDropped"}},{"kind":"Field","name":{"kind":"Name","value":"messagesDroppedByReason"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}},{"kind":"Field","name":{"kind":"Name","value":"messagesConflated"}},{"kind":"Field","name":{"kind":"Name","value":"messagesRejected"}},{"kind":"Field","name":{"kind":"Name","value":"messagesRejectedByReason"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}},{"kind":"Field","name":{"kind":"Name","value":"messagesCleared"}},{"kind":"Field","name":{"kind":"Name","value":"subscriptionsEndedByReason"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}},{"kind":"Field","name":{"kind":"Name","value":"requestsRefused"}},{"kind":"Field","name":{"kind":"Name","value":"requestsRefusedByReason"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}},{"kind":"Field","name":{"kind":"Name","value":"devicesForgotten"}},{"kind":"Field","name":{"kind":"Name","value":"logLinesDropped"}},{"kind":"Field","name":{"kind":"Name","value":"messagesQueued"}},{"kind":"Field","name":{"kind":"Name","value":"connections"}},{"kind":"Field","name":{"kind":"Name","value":"connectionsByTransport"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"transport"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}},{"kind":"Field","name":{"kind":"Name","value":"devicesKnown"}},{"kind":"Field","name":{"kind":"Name","value":"ingestConnected"}},{"kind":"Field","name":{"kind":"Name","value":"sourceInterruptions"}},{"kind":"Field","name":{"kind":"Name","value":"process"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"eventLoopDelayMs"}},{"kind":"Field","name":{"kind":"Name","value":"heapUsedBytes"}},{"kind":"Field","name":{"kind":"Name","value":"residentBytes"}}]}},{"kind":"Field","name":{"kind":"Name","value":"uptimeSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"version"}}]}}]} as unknown as DocumentNode<StatsFragment, unknown>;
export const CurrentPositionsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"CurrentPositions"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"deviceIds"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"replay"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"currentPositions"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"deviceIds"},"value":{"kind":"Variable","name":{"kind":"Name","value":"deviceIds"}}},{"kind":"Argument","name":{"kind":"Name","value":"replay"},"value":{"kind":"Variable","name":{"kind":"Name","value":"replay"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deviceId"}},{"kind":"Field","name":{"kind":"Name","value":"position"}}]}}]}}]} as unknown as DocumentNode<CurrentPositionsQuery, CurrentPositionsQueryVariables>;
export const DeviceMessagesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"DeviceMessages"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"deviceIds"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"DevicePosition"}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"replay"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"overflow"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"OverflowPolicy"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"maxQueued"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"minIntervalMs"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deviceMessages"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"deviceIds"},"value":{"kind":"Variable","name":{"kind":"Name","value":"deviceIds"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"replay"},"value":{"kind":"Variable","name":{"kind":"Name","value":"replay"}}},{"kind":"Argument","name":{"kind":"Name","value":"overflow"},"value":{"kind":"Variable","name":{"kind":"Name","value":"overflow"}}},{"kind":"Argument","name":{"kind":"Name","value":"maxQueued"},"value":{"kind":"Variable","name":{"kind":"Name","value":"maxQueued"}}},{"kind":"Argument","name":{"kind":"Name","value":"minIntervalMs"},"value":{"kind":"Variable","name":{"kind":"Name","value":"minIntervalMs"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deviceId"}},{"kind":"Field","name":{"kind":"Name","value":"topic"}},{"kind":"Field","name":{"kind":"Name","value":"payload"}},{"kind":"Field","name":{"kind":"Name","value":"receivedAt"}},{"kind":"Field","name":{"kind":"Name","value":"retained"}},{"kind":"Field","name":{"kind":"Name","value":"position"}},{"kind":"Field","name":{"kind":"Name","value":"gap"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"missed"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}}]}}]}}]}}]} as unknown as DocumentNode<DeviceMessagesSubscription, DeviceMessagesSubscriptionVariables>;
export const NeverHeardDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"NeverHeard"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"deviceIds"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"currentPositions"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"deviceIds"},"value":{"kind":"Variable","name":{"kind":"Name","value":"deviceIds"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deviceId"}},{"kind":"Field","name":{"kind":"Name","value":"heard"}}]}}]}}]} as unknown as DocumentNode<NeverHeardQuery, NeverHeardQueryVariables>;
export const BrokerStatsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"BrokerStats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"brokerStats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Stats"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Stats"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"BrokerStats"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalMessagesProcessed"}},{"kind":"Field","name":{"kind":"Name","value":"activeSubscribers"}},{"kind":"Field","name":{"kind":"Name","value":"activeSubscribersByTransport"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"transport"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}},{"kind":"Field","name":{"kind":"Name","value":"devicesBeingMonitored"}},{"kind":"Field","name":{"kind":"Name","value":"messagesDelivered"}},{"kind":"Field","name":{"kind":"Name","value":"messagesDeliveredByTransport"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"transport"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}},{"kind":"Field","name":{"kind":"Name","value":"messagesDropped"}},{"kind":"Field","name":{"kind":"Name","value":"messagesDroppedByReason"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}},{"kind":"Field","name":{"kind":"Name","value":"messagesConflated"}},{"kind":"Field","name":{"kind":"Name","value":"messagesRejected"}},{"kind":"Field","name":{"kind":"Name","value":"messagesRejectedByReason"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}},{"kind":"Field","name":{"kind":"Name","value":"messagesCleared"}},{"kind":"Field","name":{"kind":"Name","value":"subscriptionsEndedByReason"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}},{"kind":"Field","name":{"kind":"Name","value":"requestsRefused"}},{"kind":"Field","name":{"kind":"Name","value":"requestsRefusedByReason"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}},{"kind":"Field","name":{"kind":"Name","value":"devicesForgotten"}},{"kind":"Field","name":{"kind":"Name","value":"logLinesDropped"}},{"kind":"Field","name":{"kind":"Name","value":"messagesQueued"}},{"kind":"Field","name":{"kind":"Name","value":"connections"}},{"kind":"Field","name":{"kind":"Name","value":"connectionsByTransport"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"transport"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}},{"kind":"Field","name":{"kind":"Name","value":"devicesKnown"}},{"kind":"Field","name":{"kind":"Name","value":"ingestConnected"}},{"kind":"Field","name":{"kind":"Name","value":"sourceInterruptions"}},{"kind":"Field","name":{"kind":"Name","value":"process"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"eventLoopDelayMs"}},{"kind":"Field","name":{"kind":"Name","value":"heapUsedBytes"}},{"kind":"Field","name":{"kind":"Name","value":"residentBytes"}}]}},{"kind":"Field","name":{"kind":"Name","value":"uptimeSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"version"}}]}}]} as unknown as DocumentNode<BrokerStatsQuery, BrokerStatsQueryVariables>;
export const WatchBrokerStatsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"WatchBrokerStats"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"intervalMs"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"brokerStats"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"intervalMs"},"value":{"kind":"Variable","name":{"kind":"Name","value":"intervalMs"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Stats"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Stats"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"BrokerStats"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalMessagesProcessed"}},{"kind":"Field","name":{"kind":"Name","value":"activeSubscribers"}},{"kind":"Field","name":{"kind":"Name","value":"activeSubscribersByTransport"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"transport"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}},{"kind":"Field","name":{"kind":"Name","value":"devicesBeingMonitored"}},{"kind":"Field","name":{"kind":"Name","value":"messagesDelivered"}},{"kind":"Field","name":{"kind":"Name","value":"messagesDeliveredByTransport"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"transport"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}},{"kind":"Field","name":{"kind":"Name","value":"messagesDropped"}},{"kind":"Field","name":{"kind":"Name","value":"messagesDroppedByReason"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}},{"kind":"Field","name":{"kind":"Name","value":"messagesConflated"}},{"kind":"Field","name":{"kind":"Name","value":"messagesRejected"}},{"kind":"Field","name":{"kind":"Name","value":"messagesRejectedByReason"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}},{"kind":"Field","name":{"kind":"Name","value":"messagesCleared"}},{"kind":"Field","name":{"kind":"Name","value":"subscriptionsEndedByReason"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}},{"kind":"Field","name":{"kind":"Name","value":"requestsRefused"}},{"kind":"Field","name":{"kind":"Name","value":"requestsRefusedByReason"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}},{"kind":"Field","name":{"kind":"Name","value":"devicesForgotten"}},{"kind":"Field","name":{"kind":"Name","value":"logLinesDropped"}},{"kind":"Field","name":{"kind":"Name","value":"messagesQueued"}},{"kind":"Field","name":{"kind":"Name","value":"connections"}},{"kind":"Field","name":{"kind":"Name","value":"connectionsByTransport"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"transport"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}},{"kind":"Field","name":{"kind":"Name","value":"devicesKnown"}},{"kind":"Field","name":{"kind":"Name","value":"ingestConnected"}},{"kind":"Field","name":{"kind":"Name","value":"sourceInterruptions"}},{"kind":"Field","name":{"kind":"Name","value":"process"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"eventLoopDelayMs"}},{"kind":"Field","name":{"kind":"Name","value":"heapUsedBytes"}},{"kind":"Field","name":{"kind":"Name","value":"residentBytes"}}]}},{"kind":"Field","name":{"kind":"Name","value":"uptimeSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"version"}}]}}]} as unknown as DocumentNode<WatchBrokerStatsSubscription, WatchBrokerStatsSubscriptionVariables>;