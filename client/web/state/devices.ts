import { computed, effect, signal } from '@preact/signals';
import { DashboardDevicesDocument, type DashboardDevicesQuery } from '../generated/graphql.ts';
import { client } from './connection.ts';
import { createDeviceOrder } from './device-order.ts';
import { SluiceError, type SluiceClient } from 'sluice-client';
import { jsonText } from './json-text.ts';
import { nextRates, type Rates } from './rates.ts';
import { shortened } from './visible-text.ts';

export interface DeviceRow {
  readonly id: string;
  readonly online: boolean | null;
  /** Milliseconds since 1970. */
  readonly lastSeenAt: number | undefined;
  /** What it sent last, as JSON; empty when that is not kept. */
  readonly lastValue: string;
  /** The MQTT broker had kept that, so it may be of any age. */
  readonly retained: boolean;
  readonly position: string | undefined;
  readonly rates: Rates | undefined;
}

export type SortKey = 'id' | 'lastSeenAt' | 'rate';

/** As many as a screen shows come first, so that it shows them. */
const firstPage = 50;
/** What is read at a time, so that the page draws in between. */
const mostInAPage = 250;
const shortestRefreshMs = 2_000;

export const devices = signal<ReadonlyMap<string, DeviceRow>>(new Map());
export const devicesLoaded = signal(false);
export const devicesError = signal<string | undefined>(undefined);
export const search = signal('');
export const sortKey = signal<SortKey>('id');

const order = createDeviceOrder();

export const shownDevices = computed<readonly DeviceRow[]>(() => {
  const rows = devices.value;
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const all = order.of(rows).map((id) => rows.get(id)!);
  const found =
    words.length === 0
      ? all
      : all.filter(({ id, lastValue }) => {
          const text = `${id} ${lastValue}`.toLowerCase();
          return words.every((word) => text.includes(word));
        });
  const by = numbers[sortKey.value];
  // Equal ones stay in the order of their names.
  return by === undefined ? found : found.toSorted((a, b) => by(b) - by(a));
});

const numbers: Record<SortKey, ((row: DeviceRow) => number) | undefined> = {
  id: undefined,
  lastSeenAt: ({ lastSeenAt }) => lastSeenAt ?? 0,
  rate: ({ rates }) => rates?.perS ?? -1,
};

type Page = NonNullable<DashboardDevicesQuery['devices']>;
type Node = Page['nodes'][number];

function rowOf(node: Node, before: DeviceRow | undefined, at: number): DeviceRow {
  const { id, online, lastMessage } = node;
  const position = lastMessage?.position;
  const retained = lastMessage?.retained ?? false;
  return {
    id,
    online,
    position,
    retained,
    lastSeenAt: node.lastSeenAt === null ? undefined : Date.parse(node.lastSeenAt),
    lastValue:
      // A retained message that is kept as a state may be another one at the same position.
      before !== undefined && before.position === position && !retained
        ? before.lastValue
        : lastMessage === null
          ? ''
          : shortened(jsonText(lastMessage.payload), 400),
    rates: nextRates(before?.rates, position, at),
  };
}

let pageSize = mostInAPage;

/** A page, with fewer devices where the answer would be larger than the gateway gives. */
async function pageOf(from: SluiceClient, first: number, after: string | null): Promise<Page> {
  for (;;) {
    try {
      const { devices: page } = await from.query(DashboardDevicesDocument, {
        first: Math.min(first, pageSize),
        after,
      });
      // Without it there are errors, with which the query is rejected.
      return page!;
    } catch (error) {
      const isTooLarge = error instanceof SluiceError && error.code === 'LIMIT_EXCEEDED';
      if (!isTooLarge || pageSize === 1) throw error;
      pageSize = Math.max(1, Math.floor(pageSize / 4));
    }
  }
}

/** All pages, one after the other. The first time each is shown as it comes. */
async function load(from: SluiceClient): Promise<void> {
  const before = devices.peek();
  const rows = new Map<string, DeviceRow>();
  let after: string | null = null;
  do {
    const page: Page = await pageOf(
      from,
      after === null && !devicesLoaded.peek() ? firstPage : pageSize,
      after,
    );
    const at = Date.now();
    for (const node of page.nodes) {
      rows.set(node.id, rowOf(node, before.get(node.id), at));
    }
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    if (!devicesLoaded.peek()) devices.value = new Map(rows);
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
        // Of a client that was left, nobody wants to know.
        if (!ended) devicesError.value = error instanceof Error ? error.message : String(error);
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
