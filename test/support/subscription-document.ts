import type { StreamOptions } from './message-stream.ts';

const query = `subscription Messages($deviceIds: [ID!]!, $overflow: OverflowPolicy, $maxQueued: Int) {
  deviceMessages(deviceIds: $deviceIds, overflow: $overflow, maxQueued: $maxQueued) {
    deviceId
    payload
    topic
    receivedAt
    position
  }
}`;

/** The operation that the GraphQL clients of these tests send. */
export function subscriptionTo(
  deviceIds: readonly string[],
  options: StreamOptions = {},
): { query: string; variables: Record<string, unknown> } {
  return { query, variables: { deviceIds, ...options } };
}
