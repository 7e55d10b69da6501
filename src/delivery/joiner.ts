/** How one kind of connection encodes frames. */
export interface Framing {
  /** The bytes of a frame in addition to content of this length. */
  overhead(length: number): number;
  /** Writes the bytes before the content, and returns the offset after them. */
  writeHeader(target: Buffer, offset: number, length: number): number;
}

/** Room for the maximum that an outbox joins, plus one large message. */
const initialBytes = 128 * 1024;

/**
 * Writes frames next to each other into one buffer, which all sockets of the gateway
 * use one after the other. The kernel copies the bytes that it accepts, so the buffer
 * is free again after a complete write; only a socket that does not accept everything
 * needs a new buffer.
 *
 * In a fan-out, the frames of consecutive sockets differ only in their heads (the id of
 * the operation). Then only the heads are written again.
 */
export class Joiner {
  #buffer = Buffer.allocUnsafeSlow(initialBytes);
  #framing: Framing | undefined;
  #heads: readonly Buffer[] = [];
  #bodies: readonly Buffer[] = [];
  /** The offset of each head in the last block. */
  #offsets: number[] = [];

  /** The frames of these heads and bodies, `bytes` in total. Valid until the next call. */
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

  /** The last block is still in use: the next one gets a new buffer. */
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
