/**
 * What the publisher's thread and the reader's thread know of each other, in shared memory: how many
 * messages each device has published, and how many deliveries have been read.
 */
export interface LedgerMemory {
  readonly sequences: SharedArrayBuffer;
  readonly counters: SharedArrayBuffer;
}

export class Ledger {
  /** The sequence of the last message published, by device. */
  readonly sequences: Int32Array<SharedArrayBuffer>;
  readonly #counters: Int32Array<SharedArrayBuffer>;

  constructor(memory: LedgerMemory) {
    this.sequences = new Int32Array(memory.sequences);
    this.#counters = new Int32Array(memory.counters);
  }

  static allocate(devices: number): LedgerMemory {
    return {
      sequences: new SharedArrayBuffer(devices * 4),
      counters: new SharedArrayBuffer(4),
    };
  }

  get received(): number {
    return Atomics.load(this.#counters, 0);
  }

  /** Only the reader's thread writes; it would have to read 2^31 deliveries to overflow. */
  addReceived(count: number): void {
    Atomics.store(this.#counters, 0, this.#counters[0]! + count);
  }
}
