import { effect } from '@preact/signals';
import { client } from './connection.ts';
import type { SluiceClient } from 'sluice-client';

/**
 * Reads a stream of each client that there is, one after the other. What `open`
 * answers undefined for is not read.
 */
export function follow<T>(
  open: (client: SluiceClient) => AsyncIterableIterator<T, undefined> | undefined,
  take: (value: T) => void,
  failed: (error: unknown) => void = () => undefined,
): void {
  effect(() => {
    const stream = client.value === undefined ? undefined : open(client.value);
    if (stream === undefined) return undefined;
    void read(stream, take).catch(failed);
    return () => void stream.return?.();
  });
}

async function read<T>(
  stream: AsyncIterableIterator<T, undefined>,
  take: (value: T) => void,
): Promise<void> {
  for await (const value of stream) take(value);
}
