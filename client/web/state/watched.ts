import { effect, signal } from '@preact/signals';

/** More are no longer told apart by colour. */
export const mostWatched = 10;

/** Who is watched, and the place of each in the palette, which it keeps. */
export const watched = signal<ReadonlyMap<string, number>>(fromAddress());

export function isWatched(deviceId: string): boolean {
  return watched.value.has(deviceId);
}

export function watch(...deviceIds: readonly string[]): void {
  const next = new Map(watched.value);
  for (const deviceId of deviceIds) {
    if (next.has(deviceId) || next.size >= mostWatched) continue;
    const taken = new Set(next.values());
    let place = 0;
    while (taken.has(place)) place += 1;
    next.set(deviceId, place);
  }
  watched.value = next;
}

export function unwatch(deviceId: string): void {
  const next = new Map(watched.value);
  next.delete(deviceId);
  watched.value = next;
}

export function unwatchAll(): void {
  watched.value = new Map();
}

function fromAddress(): ReadonlyMap<string, number> {
  const ids = new URLSearchParams(location.hash.slice(1)).get('watch');
  if (ids === null || ids === '') return new Map();
  const names = new Set(ids.split(',').flatMap(decoded));
  return new Map([...names].slice(0, mostWatched).map((id, place) => [id, place]));
}

/** None for what nobody has encoded: an address may come from anywhere. */
function decoded(id: string): string[] {
  try {
    return [decodeURIComponent(id)].filter((name) => name !== '');
  } catch {
    return [];
  }
}

// An address that somebody has passed on, opened where the page is already.
addEventListener('hashchange', () => {
  watched.value = fromAddress();
});

// In the address, so that it survives a reload and can be passed on.
effect(() => {
  const ids = [...watched.value.keys()].map(encodeURIComponent).join(',');
  const hash = ids === '' ? '' : `#${new URLSearchParams({ watch: ids }).toString()}`;
  if (hash !== location.hash)
    history.replaceState(null, '', hash === '' ? location.pathname : hash);
});
