/** What there is of a page; nothing of it in Node.js. */
interface Page {
  readonly document?: EventTarget & { readonly visibilityState: string };
  readonly addEventListener?: EventTarget['addEventListener'];
  readonly removeEventListener?: EventTarget['removeEventListener'];
}

/** Calls back when a page comes back from a sleep, or the network of its machine does. Returns how to end that. */
export function onPageWake(wake: () => void): () => void {
  const page = globalThis as unknown as Page;
  const { document } = page;
  if (document === undefined) return () => undefined;
  const shown = (): void => {
    if (document.visibilityState === 'visible') wake();
  };
  document.addEventListener('visibilitychange', shown);
  page.addEventListener?.('online', wake);
  return () => {
    document.removeEventListener('visibilitychange', shown);
    page.removeEventListener?.('online', wake);
  };
}
