/** How frames are laid on the wire of one kind of connection. */
export interface Framing {
  /** Bytes that a frame takes besides its content of this length. */
  overhead(length: number): number;
  /** Writes what comes before the content, and returns the offset behind it. */
  writeHeader(target: Buffer, offset: number, length: number): number;
}

/** Room for what an outbox joins at most, and a large message on top. */
const initialBytes = 128 * 1024;

/**
 * Lays frames side by side in one buffer, which serves for all sockets of the
 * gateway one after the other: the kernel copies what it takes, so the buffer
 * is free again as soon as a write has gone through, and only a socket that
 * does not take everything costs a new one.
 *
 * In a fan-out, what one socket gets differs from what the last one got in the
 * heads alone (the id of the operation). Then only those are written.
 */
export class Joiner {
  #buffer = Buffer.allocUnsafeSlow(initialBytes);
  #framing: Framing | undefined;
  #heads: readonly Buffer[] = [];
  #bodies: readonly Buffer[] = [];
  /** Where each head of the last block stands. */
  #offsets: number[] = [];

  /** The frames of these heads and bodies, `bytes` in all. Valid until the next call. */
  join(
    framing: Framing,
    heads: readonly Buffer[],
    bodies: readonly Buffer[],
    bytes: number,
  ): Buffer {
    if (bytes > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(bytes);
    else if (this.#differsInHeadsAlone(framing, heads, bodies)) {
      this.#replaceHeads(heads);
      return this.#buffer.subarray(0, bytes);
    }
    this.#layOut(framing, heads, bodies);
    return this.#buffer.subarray(0, bytes);
  }

  /** Somebody still reads the last block: the next one goes elsewhere. */
  giveAway(): void {
    this.#buffer = Buffer.allocUnsafeSlow(initialBytes);
    this.#framing = undefined;
    this.#heads = [];
    this.#bodies = [];
  }

  #differsInHeadsAlone(
    framing: Framing,
    heads: readonly Buffer[],
    bodies: readonly Buffer[],
  ): boolean {
    const count = bodies.length;
    if (framing !== this.#framing || count !== this.#bodies.length) return false;
    for (let i = 0; i < count; i += 1) {
      if (bodies[i] !== this.#bodies[i] || heads[i]!.length !== this.#heads[i]!.length)
        return false;
    }
    return true;
  }

  #replaceHeads(heads: readonly Buffer[]): void {
    const buffer = this.#buffer;
    const offsets = this.#offsets;
    for (let i = 0; i < heads.length; i += 1) {
      const head = heads[i]!;
      if (head !== this.#heads[i]) buffer.set(head, offsets[i]);
    }
    this.#heads = heads;
  }

  #layOut(framing: Framing, heads: readonly Buffer[], bodies: readonly Buffer[]): void {
    const buffer = this.#buffer;
    const offsets: number[] = [];
    let offset = 0;
    for (let i = 0; i < heads.length; i += 1) {
      const head = heads[i]!;
      const body = bodies[i]!;
      offset = framing.writeHeader(buffer, offset, head.length + body.length);
      offsets.push(offset);
      buffer.set(head, offset);
      offset += head.length;
      buffer.set(body, offset);
      offset += body.length;
    }
    this.#framing = framing;
    this.#heads = heads;
    this.#bodies = bodies;
    this.#offsets = offsets;
  }
}
