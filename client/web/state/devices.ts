import { computed, effect, signal } from '@preact/signals';
import { DashboardDevicesDocument, type DashboardDevicesQuery } from '../../generated/graphql.ts';
import { client } from './connection.ts';
import type { SluiceClient } from './interim-client.ts';
import { nextRates, type Rates } from './rates.ts';

export interface DeviceRow {
  readonly id: string;
  readonly online: boolean | null;
  /** Milliseconds since 1970. */
  readonly lastSeenAt: number | undefined;
  /** What it sent last, as JSON; empty when that is not kept. */
  readonly lastValue: string;
  readonly rates: Rates | undefined;
}

export type SortKey = 'id' | 'lastSeenAt' | 'rate';

const pageSize = 1_000;
const shortestRefreshMs = 2_000;

export const devices = signal<ReadonlyMap<string, DeviceRow>>(new Map());
export const devicesLoaded = signal(false);
export const devicesError = signal<string | undefined>(undefined);
export const search = signal('');
export const sortKey = signal<SortKey>('id');

export const shownDevices = computed<readonly DeviceRow[]>(() => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const all = [...devices.value.values()];
  const found =
    words.length === 0
      ? all
      : all.filter(({ id, lastValue }) => {
          const text = `${id} ${lastValue}`.toLowerCase();
          return words.every((word) => text.includes(word));
        });
  return found.toSorted(orders[sortKey.value]);
});

const names = new Intl.Collator('en', { numeric: true });
const orders: Record<SortKey, (a: DeviceRow, b: DeviceRow) => number> = {
  id: (a, b) => names.compare(a.id, b.id),
  lastSeenAt: (a, b) => (b.lastSeenAt ?? 0) - (a.lastSeenAt ?? 0) || names.compare(a.id, b.id),
  rate: (a, b) => (b.rates?.perS ?? -1) - (a.rates?.perS ?? -1) || names.compare(a.id, b.id),
};

type Node = DashboardDevicesQuery['devices']['nodes'][number];

function rowOf(node: Node, before: DeviceRow | undefined, at: number): DeviceRow {
  const payload = node.lastMessage?.payload;
  return {
    id: node.id,
    online: node.online,
    lastSeenAt: node.lastSeenAt === null ? undefined : Date.parse(node.lastSeenAt),
    lastValue: payload === undefined ? '' : (JSON.stringify(payload).slice(0, 400) ?? ''),
    rates: nextRates(before?.rates, node.lastMessage?.position, at),
  };
}

/** All pages, one after the other. */
async function load(from: SluiceClient): Promise<void> {
  const before = devices.peek();
  const rows = new Map<string, DeviceRow>();
  let after: string | null = null;
  do {
    const page: DashboardDevicesQuery = await from.query(DashboardDevicesDocument, {
      first: pageSize,
      after,
    });
    const at = Date.now();
    for (const node of page.devices.nodes) {
      rows.set(node.id, rowOf(node, before.get(node.id), at));
    }
    after = page.devices.pageInfo.hasNextPage ? page.devices.pageInfo.endCursor : null;
  } while (after !== null);
  devices.value = rows;
  devicesLoaded.value = true;
}

// Again and again while there is a client and somebody looks: the more devices, the less often.
effect(() => {
  const from = client.value;
  if (from === undefined) return undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  const refresh = async (): Promise<void> => {
    const startedAt = performance.now();
    if (!document.hidden || !devicesLoaded.peek()) {
      try {
        await load(from);
        devicesError.value = undefined;
      } catch (error) {
        devicesError.value = error instanceof Error ? error.message : String(error);
      }
    }
    const tookMs = performance.now() - startedAt;
    if (!ended) {
      timer = setTimeout(() => void refresh(), Math.max(shortestRefreshMs, tookMs * 10));
    }
  };
  void refresh();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
});
