import { computed, effect, signal, untracked } from '@preact/signals';
import {
  createSluiceClient,
  type ConnectionStatus,
  type SluiceClient,
  type TransportKind,
} from './interim-client.ts';

/** Where GraphQL is, beside the page. */
export const endpoint = new URL('graphql', document.baseURI);

export const transport = signal<TransportKind>('ws');
/** Kept for this tab alone. */
export const token = signal(sessionStorage.getItem('sluice-token') ?? '');
export const status = signal<ConnectionStatus>({ state: 'closed', reason: 'not connected yet' });
/** The one of now; undefined while the user wants none. */
export const client = signal<SluiceClient | undefined>(undefined);

/** Since the page was opened. */
export const messagesReceived = signal(0);
export const pingsAnswered = signal(0);
export const reconnects = signal(0);
/** Round trips of the last pings, in milliseconds. */
export const latencies = signal<readonly number[]>([]);
export const liveSince = signal<number | undefined>(undefined);

export const isLive = computed(() => status.value.state === 'live');

function take(next: ConnectionStatus): void {
  const before = untracked(() => status.value);
  if (next.state === 'live') {
    liveSince.value = next.since;
    if (next.latencyMs !== undefined) {
      pingsAnswered.value += 1;
      latencies.value = [...latencies.value.slice(-59), next.latencyMs];
    }
  } else {
    liveSince.value = undefined;
  }
  if (next.state === 'reconnecting' && before.state !== 'reconnecting') reconnects.value += 1;
  status.value = next;
}

export function connect(): void {
  disconnect();
  latencies.value = [];
  const given = token.value.trim();
  const made = createSluiceClient({
    url: endpoint.href,
    transport: transport.value,
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
  if (left !== undefined) take({ state: 'closed', reason: 'You disconnected.' });
}

export function switchTransport(next: TransportKind): void {
  if (next === transport.value) return;
  transport.value = next;
  if (client.value !== undefined) connect();
}

effect(() => {
  if (token.value === '') sessionStorage.removeItem('sluice-token');
  else sessionStorage.setItem('sluice-token', token.value);
});
