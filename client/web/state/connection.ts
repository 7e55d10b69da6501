import { computed, effect, signal, untracked } from '@preact/signals';
import {
  createSluiceClient,
  type ConnectionStatus,
  type SluiceClient,
  type TransportKind,
} from 'sluice-client';

/** Where GraphQL is, beside the page. */
export const endpoint = new URL('graphql', document.baseURI);

function closed(reason: string): ConnectionStatus {
  return { state: 'closed', reason, address: endpoint.href };
}

export type TransportWish = TransportKind | 'auto';

export const transport = signal<TransportWish>('auto');
/** Kept for this tab alone. */
export const token = signal(sessionStorage.getItem('sluice-token') ?? '');
export const status = signal<ConnectionStatus>(closed('not connected yet'));
/** The one of now; undefined while the user wants none. */
export const client = signal<SluiceClient | undefined>(undefined);
/** What `client` was made with. */
const tokenInUse = signal('');
/** Whether another token was typed since. */
export const tokenIsNew = computed(
  () => client.value !== undefined && token.value.trim() !== tokenInUse.value,
);

/** Since the page was opened. */
export const messagesReceived = signal(0);
export const pingsAnswered = signal(0);
export const reconnects = signal(0);
/** The last round trip, in milliseconds. */
export const latencyMs = signal<number | undefined>(undefined);
export const liveSince = signal<number | undefined>(undefined);

export const isLive = computed(() => status.value.state === 'live');
/** What the client speaks now, or did when it last spoke. */
export const liveTransport = signal<TransportKind>('ws');

export function latencyMeasured(ms: number): void {
  latencyMs.value = ms;
}

function take(next: ConnectionStatus): void {
  const before = untracked(() => status.value);
  if (next.state === 'live') {
    liveSince.value = next.since;
    liveTransport.value = next.transport;
    if (next.latencyMs !== undefined) {
      pingsAnswered.value += 1;
      latencyMeasured(next.latencyMs);
    }
  } else {
    liveSince.value = undefined;
    latencyMs.value = undefined;
  }
  // A loss counts once, however many attempts it takes to come back.
  if (next.state === 'reconnecting' && before.state === 'live') reconnects.value += 1;
  status.value = next;
}

export function connect(): void {
  disconnect();
  tokenInUse.value = token.peek().trim();
  const given = tokenInUse.peek();
  const made = createSluiceClient({
    url: endpoint.href,
    transport: transport.value,
    // For somebody who looks at the latency.
    pingIntervalMs: 5000,
    // The page shows the status.
    onWarning: false,
    ...(given !== '' && { token: given }),
    onStatus: (next) => {
      if (untracked(() => client.value) === made) take(next);
    },
  });
  client.value = made;
}

export function disconnect(): void {
  const left = client.value;
  client.value = undefined;
  void left?.close();
  if (left !== undefined) take(closed('You disconnected.'));
}

export function switchTransport(next: TransportWish): void {
  if (next === transport.value) return;
  transport.value = next;
  if (client.value !== undefined) connect();
}

effect(() => {
  if (token.value === '') sessionStorage.removeItem('sluice-token');
  else sessionStorage.setItem('sluice-token', token.value);
});
