import type { ConnectionStatus, DeviceMessage } from '../../client/index.ts';
import { waitingText } from './gateway-connection.ts';

/** What a tail has seen, for the line at the bottom. */
export interface TailCounters {
  count(message: DeviceMessage, now: number): void;
  follow(status: ConnectionStatus): void;
  line(now: number): string;
}

const whole = new Intl.NumberFormat('en-US');
/** The rate that is shown is that of the last so many milliseconds. */
const rateOverMs = 5_000;
const bucketMs = 500;

export function createTailCounters(
  address: string,
  devices: number,
  startedAt: number,
): TailCounters {
  let messages = 0;
  let gaps = 0;
  let missed = 0;
  let reconnects = 0;
  let status: ConnectionStatus | undefined;
  /** How many came in each half second of late. */
  let buckets: Array<{ readonly at: number; count: number }> = [];

  return {
    count({ gap }, now) {
      messages += 1;
      if (gap !== null && gap !== undefined) {
        gaps += 1;
        missed += gap.missed ?? 0;
      }
      const last = buckets.at(-1);
      if (last !== undefined && now - last.at < bucketMs) last.count += 1;
      else buckets.push({ at: now, count: 1 });
      while (buckets.length > 0 && now - buckets[0]!.at > rateOverMs) buckets.shift();
    },
    follow(next) {
      if (next.state === 'reconnecting' && status?.state === 'live') reconnects += 1;
      status = next;
    },
    line(now) {
      buckets = buckets.filter(({ at }) => now - at <= rateOverMs);
      const recent = buckets.reduce((total, { count }) => total + count, 0);
      const seconds = Math.max(1, Math.min(rateOverMs, now - startedAt) / 1_000);
      return [
        stateText(status, address),
        `${devices} device${devices === 1 ? '' : 's'}`,
        `${whole.format(messages)} messages`,
        `${(recent / seconds).toFixed(1)}/s`,
        `${whole.format(gaps)} gaps${missed === 0 ? '' : ` (${whole.format(missed)} missed)`}`,
        ...(reconnects === 0 ? [] : [`${reconnects} reconnects`]),
      ].join(' · ');
    },
  };
}

function stateText(status: ConnectionStatus | undefined, address: string): string {
  switch (status?.state) {
    case 'live': {
      const latency = status.latencyMs === undefined ? '' : ` ${status.latencyMs.toFixed(0)} ms`;
      return `live (${status.transport}${latency})`;
    }
    case 'reconnecting':
      return waitingText(status, address);
    case 'closed':
      return 'closed';
    case 'connecting':
    case undefined:
      return `connecting to ${address}`;
  }
}
