/** An item of an order that only grows at its end. */
export interface Ordered {
  readonly ordinal: number;
}

/** Removing an item moves the rest of its chunk: 8 KiB at most, whatever the total. */
const chunkSize = 1_024;

/**
 * Items in the order of their ordinals. Ordinals may have holes: the ordinal of a
 * removed item is not reused. Adding, removing and finding cost the same with a million
 * items as with a thousand, and removed items take no memory.
 */
export class DeviceOrder<Device extends Ordered> {
  /** No chunk is empty. */
  readonly #chunks: Device[][] = [];

  /** Adds an item at the end: its ordinal MUST be larger than every earlier one. */
  add(device: Device): void {
    const last = this.#chunks.at(-1);
    if (last === undefined || last.length === chunkSize) this.#chunks.push([device]);
    else last.push(device);
  }

  remove({ ordinal }: Device): void {
    const index = this.#chunkOf(ordinal);
    const chunk = this.#chunks[index]!;
    if (chunk.length === 1) this.#chunks.splice(index, 1);
    else
      chunk.splice(
        firstFrom(chunk, (device) => device.ordinal >= ordinal),
        1,
      );
  }

  /** Up to `count` items from this ordinal on. */
  from(ordinal: number, count: number): Device[] {
    const devices: Device[] = [];
    for (
      let i = this.#chunkOf(ordinal);
      i < this.#chunks.length && devices.length < count;
      i += 1
    ) {
      const chunk = this.#chunks[i]!;
      const start = firstFrom(chunk, (device) => device.ordinal >= ordinal);
      devices.push(...chunk.slice(start, start + count - devices.length));
    }
    return devices;
  }

  /** The first chunk that ends at or after this ordinal. */
  #chunkOf(ordinal: number): number {
    return firstFrom(this.#chunks, (chunk) => chunk.at(-1)!.ordinal >= ordinal);
  }
}

/**
 * The index of the first item for which `isFarEnough` is true, or the length when there
 * is none. It MUST be true for every later item too.
 */
function firstFrom<Item>(items: readonly Item[], isFarEnough: (item: Item) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isFarEnough(items[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}
