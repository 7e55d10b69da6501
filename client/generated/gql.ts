/* eslint-disable */
import * as types from './graphql.ts';
import type { GeneratedDocument as DocumentNode } from '../document.ts';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "query CurrentPositions($deviceIds: [ID!]!, $replay: Int) {\n  currentPositions(deviceIds: $deviceIds, replay: $replay) {\n    deviceId\n    position\n  }\n}": typeof types.CurrentPositionsDocument,
    "subscription DeviceMessages($deviceIds: [ID!]!, $after: [DevicePosition!], $replay: Int, $overflow: OverflowPolicy, $maxQueued: Int, $minIntervalMs: Int) {\n  deviceMessages(\n    deviceIds: $deviceIds\n    after: $after\n    replay: $replay\n    overflow: $overflow\n    maxQueued: $maxQueued\n    minIntervalMs: $minIntervalMs\n  ) {\n    deviceId\n    topic\n    payload\n    receivedAt\n    retained\n    position\n    gap {\n      missed\n      reason\n    }\n  }\n}": typeof types.DeviceMessagesDocument,
    "query NeverHeard($deviceIds: [ID!]!) {\n  currentPositions(deviceIds: $deviceIds) {\n    deviceId\n    heard\n  }\n}": typeof types.NeverHeardDocument,
    "fragment Stats on BrokerStats {\n  totalMessagesProcessed\n  activeSubscribers\n  activeSubscribersByTransport {\n    transport\n    count\n  }\n  devicesBeingMonitored\n  messagesDelivered\n  messagesDeliveredByTransport {\n    transport\n    count\n  }\n  messagesDropped\n  messagesDroppedByReason {\n    reason\n    count\n  }\n  messagesConflated\n  messagesRejected\n  messagesRejectedByReason {\n    reason\n    count\n  }\n  messagesCleared\n  subscriptionsEndedByReason {\n    reason\n    count\n  }\n  requestsRefused\n  requestsRefusedByReason {\n    reason\n    count\n  }\n  devicesForgotten\n  logLinesDropped\n  messagesQueued\n  connections\n  connectionsByTransport {\n    transport\n    count\n  }\n  devicesKnown\n  ingestConnected\n  sourceInterruptions\n  process {\n    eventLoopDelayMs\n    heapUsedBytes\n    residentBytes\n  }\n  uptimeSeconds\n  version\n}\n\nquery BrokerStats {\n  brokerStats {\n    ...Stats\n  }\n}\n\nsubscription WatchBrokerStats($intervalMs: Int) {\n  brokerStats(intervalMs: $intervalMs) {\n    ...Stats\n  }\n}": typeof types.StatsFragmentDoc,
};
const documents: Documents = {
    "query CurrentPositions($deviceIds: [ID!]!, $replay: Int) {\n  currentPositions(deviceIds: $deviceIds, replay: $replay) {\n    deviceId\n    position\n  }\n}": types.CurrentPositionsDocument,
    "subscription DeviceMessages($deviceIds: [ID!]!, $after: [DevicePosition!], $replay: Int, $overflow: OverflowPolicy, $maxQueued: Int, $minIntervalMs: Int) {\n  deviceMessages(\n    deviceIds: $deviceIds\n    after: $after\n    replay: $replay\n    overflow: $overflow\n    maxQueued: $maxQueued\n    minIntervalMs: $minIntervalMs\n  ) {\n    deviceId\n    topic\n    payload\n    receivedAt\n    retained\n    position\n    gap {\n      missed\n      reason\n    }\n  }\n}": types.DeviceMessagesDocument,
    "query NeverHeard($deviceIds: [ID!]!) {\n  currentPositions(deviceIds: $deviceIds) {\n    deviceId\n    heard\n  }\n}": types.NeverHeardDocument,
    "fragment Stats on BrokerStats {\n  totalMessagesProcessed\n  activeSubscribers\n  activeSubscribersByTransport {\n    transport\n    count\n  }\n  devicesBeingMonitored\n  messagesDelivered\n  messagesDeliveredByTransport {\n    transport\n    count\n  }\n  messagesDropped\n  messagesDroppedByReason {\n    reason\n    count\n  }\n  messagesConflated\n  messagesRejected\n  messagesRejectedByReason {\n    reason\n    count\n  }\n  messagesCleared\n  subscriptionsEndedByReason {\n    reason\n    count\n  }\n  requestsRefused\n  requestsRefusedByReason {\n    reason\n    count\n  }\n  devicesForgotten\n  logLinesDropped\n  messagesQueued\n  connections\n  connectionsByTransport {\n    transport\n    count\n  }\n  devicesKnown\n  ingestConnected\n  sourceInterruptions\n  process {\n    eventLoopDelayMs\n    heapUsedBytes\n    residentBytes\n  }\n  uptimeSeconds\n  version\n}\n\nquery BrokerStats {\n  brokerStats {\n    ...Stats\n  }\n}\n\nsubscription WatchBrokerStats($intervalMs: Int) {\n  brokerStats(intervalMs: $intervalMs) {\n    ...Stats\n  }\n}": types.StatsFragmentDoc,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query CurrentPositions($deviceIds: [ID!]!, $replay: Int) {\n  currentPositions(deviceIds: $deviceIds, replay: $replay) {\n    deviceId\n    position\n  }\n}"): (typeof documents)["query CurrentPositions($deviceIds: [ID!]!, $replay: Int) {\n  currentPositions(deviceIds: $deviceIds, replay: $replay) {\n    deviceId\n    position\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "subscription DeviceMessages($deviceIds: [ID!]!, $after: [DevicePosition!], $replay: Int, $overflow: OverflowPolicy, $maxQueued: Int, $minIntervalMs: Int) {\n  deviceMessages(\n    deviceIds: $deviceIds\n    after: $after\n    replay: $replay\n    overflow: $overflow\n    maxQueued: $maxQueued\n    minIntervalMs: $minIntervalMs\n  ) {\n    deviceId\n    topic\n    payload\n    receivedAt\n    retained\n    position\n    gap {\n      missed\n      reason\n    }\n  }\n}"): (typeof documents)["subscription DeviceMessages($deviceIds: [ID!]!, $after: [DevicePosition!], $replay: Int, $overflow: OverflowPolicy, $maxQueued: Int, $minIntervalMs: Int) {\n  deviceMessages(\n    deviceIds: $deviceIds\n    after: $after\n    replay: $replay\n    overflow: $overflow\n    maxQueued: $maxQueued\n    minIntervalMs: $minIntervalMs\n  ) {\n    deviceId\n    topic\n    payload\n    receivedAt\n    retained\n    position\n    gap {\n      missed\n      reason\n    }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query NeverHeard($deviceIds: [ID!]!) {\n  currentPositions(deviceIds: $deviceIds) {\n    deviceId\n    heard\n  }\n}"): (typeof documents)["query NeverHeard($deviceIds: [ID!]!) {\n  currentPositions(deviceIds: $deviceIds) {\n    deviceId\n    heard\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "fragment Stats on BrokerStats {\n  totalMessagesProcessed\n  activeSubscribers\n  activeSubscribersByTransport {\n    transport\n    count\n  }\n  devicesBeingMonitored\n  messagesDelivered\n  messagesDeliveredByTransport {\n    transport\n    count\n  }\n  messagesDropped\n  messagesDroppedByReason {\n    reason\n    count\n  }\n  messagesConflated\n  messagesRejected\n  messagesRejectedByReason {\n    reason\n    count\n  }\n  messagesCleared\n  subscriptionsEndedByReason {\n    reason\n    count\n  }\n  requestsRefused\n  requestsRefusedByReason {\n    reason\n    count\n  }\n  devicesForgotten\n  logLinesDropped\n  messagesQueued\n  connections\n  connectionsByTransport {\n    transport\n    count\n  }\n  devicesKnown\n  ingestConnected\n  sourceInterruptions\n  process {\n    eventLoopDelayMs\n    heapUsedBytes\n    residentBytes\n  }\n  uptimeSeconds\n  version\n}\n\nquery BrokerStats {\n  brokerStats {\n    ...Stats\n  }\n}\n\nsubscription WatchBrokerStats($intervalMs: Int) {\n  brokerStats(intervalMs: $intervalMs) {\n    ...Stats\n  }\n}"): (typeof documents)["fragment Stats on BrokerStats {\n  totalMessagesProcessed\n  activeSubscribers\n  activeSubscribersByTransport {\n    transport\n    count\n  }\n  devicesBeingMonitored\n  messagesDelivered\n  messagesDeliveredByTransport {\n    transport\n    count\n  }\n  messagesDropped\n  messagesDroppedByReason {\n    reason\n    count\n  }\n  messagesConflated\n  messagesRejected\n  messagesRejectedByReason {\n    reason\n    count\n  }\n  messagesCleared\n  subscriptionsEndedByReason {\n    reason\n    count\n  }\n  requestsRefused\n  requestsRefusedByReason {\n    reason\n    count\n  }\n  devicesForgotten\n  logLinesDropped\n  messagesQueued\n  connections\n  connectionsByTransport {\n    transport\n    count\n  }\n  devicesKnown\n  ingestConnected\n  sourceInterruptions\n  process {\n    eventLoopDelayMs\n    heapUsedBytes\n    residentBytes\n  }\n  uptimeSeconds\n  version\n}\n\nquery BrokerStats {\n  brokerStats {\n    ...Stats\n  }\n}\n\nsubscription WatchBrokerStats($intervalMs: Int) {\n  brokerStats(intervalMs: $intervalMs) {\n    ...Stats\n  }\n}"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;