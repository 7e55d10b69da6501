import { vi } from 'vitest';

/** What the dashboard's state finds in a page, as far as it looks: enough for its modules to be loaded. */
export interface PageGlobals {
  /** What stands behind the path in the address, as the page has written it. */
  readonly hash: string;
  /** Somebody opens another address of the page. */
  goTo(hash: string): void;
  /** Draws what waits for the next picture. */
  drawFrame(): void;
}

/** Stays until `vi.unstubAllGlobals()`. */
export function stubPageGlobals({ hash = '' } = {}): PageGlobals {
  const location = { hash, pathname: '/' };
  const listeners: (() => void)[] = [];
  const frames: (() => void)[] = [];
  const stored = new Map<string, string>();
  vi.stubGlobal('location', location);
  vi.stubGlobal('history', {
    replaceState(_state: null, _title: string, address: string) {
      location.hash = address.startsWith('#') ? address : '';
    },
  });
  vi.stubGlobal('addEventListener', (name: string, listener: () => void) => {
    if (name === 'hashchange') listeners.push(listener);
  });
  vi.stubGlobal('requestAnimationFrame', (draw: () => void) => frames.push(draw));
  vi.stubGlobal('document', { baseURI: 'http://gateway.example/', hidden: false });
  vi.stubGlobal('sessionStorage', {
    getItem: (name: string) => stored.get(name) ?? null,
    setItem: (name: string, value: string) => void stored.set(name, value),
    removeItem: (name: string) => void stored.delete(name),
  });
  return {
    get hash() {
      return location.hash;
    },
    goTo(next) {
      location.hash = next;
      for (const listener of listeners) listener();
    },
    drawFrame() {
      for (const draw of frames.splice(0)) draw();
    },
  };
}
