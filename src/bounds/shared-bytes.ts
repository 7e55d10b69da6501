import type { Holder } from './holder.ts';

/** Memory that all connections share. */
export interface SharedBytes {
  /** Bytes that are taken now. */
  readonly taken: number;
  /**
   * Takes bytes for a connection. Where there are not so many left, those who
   * hold most are ended until there are: a client that fills what is common loses
   * its connection, and not a newcomer. False when the connection itself would
   * hold most: then nothing was taken.
   */
  take(holder: Holder, bytes: number): boolean;
  /** Gives back what it took; of a connection that was ended, nothing is left to give. */
  give(holder: Holder, bytes: number): void;
}

export interface SharedBytesOptions {
  readonly maxBytes: number;
  /** Told of each connection that is ended, or refused, for what it holds. */
  readonly refused: (holder: Holder, bytes: number) => void;
}

export function createSharedBytes({ maxBytes, refused }: SharedBytesOptions): SharedBytes {
  const held = new Map<Holder, number>();
  let taken = 0;

  function drop(holder: Holder, bytes: number): void {
    held.delete(holder);
    taken -= bytes;
  }

  /** Ends the largest holders until so many bytes have room; false when the one who asks is the largest. */
  function makeRoom(asking: Holder, bytes: number): boolean {
    const wanted = (held.get(asking) ?? 0) + bytes;
    if (wanted > maxBytes) return false;
    // Somewhat more than is needed, so that not every newcomer has to look for the largest again.
    const enough = maxBytes - maxBytes / 16;
    const largestFirst = [...held].toSorted(([, one], [, other]) => other - one);
    for (const [holder, holds] of largestFirst) {
      if (taken + bytes <= enough || holder === asking || holds < wanted) break;
      drop(holder, holds);
      refused(holder, holds);
      holder.terminate();
    }
    return taken + bytes <= maxBytes;
  }

  return {
    get taken() {
      return taken;
    },
    take(holder, bytes) {
      if (taken + bytes > maxBytes && !makeRoom(holder, bytes)) {
        refused(holder, bytes);
        return false;
      }
      held.set(holder, (held.get(holder) ?? 0) + bytes);
      taken += bytes;
      return true;
    },
    give(holder, bytes) {
      const holds = held.get(holder);
      if (holds === undefined) return;
      if (holds <= bytes) drop(holder, holds);
      else {
        held.set(holder, holds - bytes);
        taken -= bytes;
      }
    },
  };
}
