import { effect } from '@preact/signals';
import { DashboardPingDocument } from '../generated/graphql.ts';
import { client, isLive, latencyMeasured, liveTransport } from './connection.ts';

const betweenMs = 5_000;

// A stream of events goes one way: how long the gateway takes to answer is seen
// from the smallest query that there is. Over WebSocket the pings tell it.
effect(() => {
  const from = client.value;
  if (from === undefined || !isLive.value || liveTransport.value !== 'sse') return undefined;
  const measure = async (): Promise<void> => {
    const askedAt = performance.now();
    try {
      await from.query(DashboardPingDocument, {});
      latencyMeasured(performance.now() - askedAt);
    } catch {
      // That the gateway does not answer is told by the state of the stream.
    }
  };
  void measure();
  const timer = setInterval(() => void measure(), betweenMs);
  return () => clearInterval(timer);
});
