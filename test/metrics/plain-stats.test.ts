import { describe, expect, it } from 'vitest';
import type { BrokerStats } from '../../src/metrics/broker-stats.ts';
import { plainStats } from '../../src/metrics/plain-stats.ts';

/** The metrics whose plain names are promised already; a new one need not be named here. */
const some: Partial<BrokerStats> = {
  totalMessagesProcessed: 1,
  activeSubscribers: 2,
  activeSubscribersByTransport: [
    { transport: 'SSE', count: 0 },
    { transport: 'PLAIN_WEBSOCKET', count: 2 },
  ],
  devicesBeingMonitored: 3,
  messagesDelivered: 4,
  messagesDeliveredByTransport: [{ transport: 'LIBRARY', count: 4 }],
  messagesDropped: 5,
  messagesDroppedByReason: [
    { reason: 'QUEUE_OVERFLOW', count: 5 },
    { reason: 'SUBSCRIPTION_ENDED', count: 0 },
  ],
  messagesConflated: 6,
  messagesRejected: 7,
  messagesCleared: 18,
  subscriptionsEndedByReason: [{ reason: 'CONNECTION_LOST', count: 3 }],
  messagesRejectedByReason: [
    { reason: 'NOT_JSON', count: 6 },
    { reason: 'INVALID_UTF8', count: 1 },
  ],
  requestsRefused: 15,
  requestsRefusedByReason: [{ reason: 'FOREIGN_ORIGIN', count: 15 }],
  devicesForgotten: 16,
  logLinesDropped: 17,
  messagesQueued: 8,
  connections: 9,
  connectionsByTransport: [{ transport: 'PLAIN_SSE', count: 9 }],
  devicesKnown: 10,
  ingestConnected: true,
  sourceInterruptions: 19,
  process: { eventLoopDelayMs: 12.5, heapUsedBytes: 13, residentBytes: 14 },
  uptimeSeconds: 11.5,
  version: '1.2.3-rc.A',
};
const stats = some as BrokerStats;

describe('plainStats', () => {
  it('tells every member in snake_case, with the counts of each reason and transport by name', () => {
    expect(plainStats(stats)).toEqual({
      total_messages_processed: 1,
      active_subscribers: 2,
      active_subscribers_by_transport: { sse: 0, plain_websocket: 2 },
      devices_being_monitored: 3,
      messages_delivered: 4,
      messages_delivered_by_transport: { library: 4 },
      messages_dropped: 5,
      messages_dropped_by_reason: { queue_overflow: 5, subscription_ended: 0 },
      messages_conflated: 6,
      messages_rejected: 7,
      messages_cleared: 18,
      subscriptions_ended_by_reason: { connection_lost: 3 },
      messages_rejected_by_reason: { not_json: 6, invalid_utf8: 1 },
      requests_refused: 15,
      requests_refused_by_reason: { foreign_origin: 15 },
      devices_forgotten: 16,
      log_lines_dropped: 17,
      messages_queued: 8,
      connections: 9,
      connections_by_transport: { plain_sse: 9 },
      devices_known: 10,
      ingest_connected: true,
      source_interruptions: 19,
      process: { event_loop_delay_ms: 12.5, heap_used_bytes: 13, resident_bytes: 14 },
      uptime_seconds: 11.5,
      version: '1.2.3-rc.A',
    });
  });

  it('keeps the order of the members', () => {
    expect(Object.keys(plainStats(stats)).slice(0, 3)).toEqual([
      'total_messages_processed',
      'active_subscribers',
      'active_subscribers_by_transport',
    ]);
  });
});
