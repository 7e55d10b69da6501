export type { SluiceClientOptions } from './client-options.ts';
export type { ConnectionFailure, ConnectionStatus } from './connection-status.ts';
export type { DeviceMessageStream } from './device-message-stream.ts';
export type { DeviceGap, DeviceMessage, DeviceMessagesOptions } from './device-messages-feed.ts';
export type { GeneratedDocument, TypedDocument } from './document.ts';
export type { TransportKind } from './link.ts';
export {
  createSluiceClient,
  type AnyDocument,
  type OperationOptions,
  type SluiceClient,
  type StreamOptions,
} from './sluice-client.ts';
export { SluiceError, type GraphqlError, type SluiceErrorCode } from './sluice-error.ts';
export {
  BrokerStatsDocument,
  WatchBrokerStatsDocument,
  type DropReason,
  type GapReason,
  type OverflowPolicy,
  type StatsFragment,
} from './generated/graphql.ts';
