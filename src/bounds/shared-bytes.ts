import type { Holder } from './holder.ts';

/** Memory that all connections share. */
export interface SharedBytes {
  /** The bytes that are taken now. */
  readonly taken: number;
  /**
   * Takes bytes for a connection. When too few are left, the largest holders are ended
   * until there are enough: a client that fills the shared memory loses its connection,
   * not a new client. Returns false, and takes nothing, when the connection itself
   * would be the largest holder.
   */
  take(holder: Holder, bytes: number): boolean;
  /** Gives back bytes. Has no effect for a connection that was ended. */
  give(holder: Holder, bytes: number): void;
}

export interface SharedBytesOptions {
  readonly maxBytes: number;
  /** Called for each connection that is ended or refused, with the bytes that it holds or asked for. */
  readonly refused: (holder: Holder, bytes: number) => void;
}

export function createSharedBytes({ maxBytes, refused }: SharedBytesOptions): SharedBytes {
  const held = new Map<Holder, number>();
  let taken = 0;

  function drop(holder: Holder, bytes: number): void {
    held.delete(holder);
    taken -= bytes;
  }

  /**
   * Ends the largest holders until there is room for the bytes; false when the asking
   * connection is the largest.
   */
  function makeRoom(asking: Holder, bytes: number): boolean {
    const wanted = (held.get(asking) ?? 0) + bytes;
    if (wanted > maxBytes) return false;
    // Frees more than is needed, so that not every new request has to search for the largest holder
    // again.
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
