/** Something with a place in an order that only grows at its end. */
export interface Ordered {
  readonly ordinal: number;
}

/** A chunk is moved together when one of it leaves: 8 KiB at most, however many there are in all. */
const chunkSize = 1_024;

/**
 * What is there, in the order of its ordinals, which need not follow each other:
 * whoever leaves takes the ordinal along. Adding, removing and finding a place
 * cost the same with a million as with a thousand, and no memory is kept of what has left.
 */
export class DeviceOrder<Device extends Ordered> {
  /** None of them is empty. */
  readonly #chunks: Device[][] = [];

  /** Adds one at the end: its ordinal MUST be larger than any before it. */
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

  /** Those from this ordinal on, `count` at most. */
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

  /** The first chunk that ends at this ordinal or behind it. */
  #chunkOf(ordinal: number): number {
    return firstFrom(this.#chunks, (chunk) => chunk.at(-1)!.ordinal >= ordinal);
  }
}

/** The index of the first item that is far enough, given that all behind it are; the length when none is. */
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
