/** So many bytes may wait for the kernel before messages queue instead. */
const roomBytes = 64 * 1024;

/** How frames are laid on the wire of one kind of connection. */
export interface Framing {
  /** Bytes that a frame takes besides its content of this length. */
  overhead(length: number): number;
  /** Writes what comes before the content, and returns the offset behind it. */
  writeHeader(target: Buffer, offset: number, length: number): number;
}

/** The socket behind an outbox. */
export interface OutboxTarget {
  /** Bytes that were written and that the kernel has not taken. */
  readonly waiting: number;
  write(bytes: Buffer): void;
}

/**
 * What is due for one socket in this turn of the event loop. Frames are joined
 * and leave in one write at the end of the turn, or at 64 KiB, whichever comes
 * first: a system call for each frame would cost more than everything else.
 */
export class Outbox {
  readonly #target: OutboxTarget;
  readonly #framing: Framing;
  readonly #turn: Turn;
  #full = false;
  /** Head, body, head, body … of the frames that are due. */
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(target: OutboxTarget, framing: Framing, turn: Turn) {
    this.#target = target;
    this.#framing = framing;
    this.#turn = turn;
  }

  /** Whether a message may go straight to the socket. After false, `drained` is called when there is room. */
  get writable(): boolean {
    return !this.#full;
  }

  /** Adds one frame, whose content is `head` and `body`; neither is written to afterwards. */
  push(head: Buffer, body: Buffer): void {
    if (this.#bytes === 0) this.#turn.add(this);
    this.#parts.push(head, body);
    const length = head.length + body.length;
    this.#bytes += length + this.#framing.overhead(length);
    if (this.#bytes >= roomBytes) this.flush();
  }

  /** Writes what is due. To be called before anything is written past the outbox. */
  flush(): void {
    if (this.#bytes === 0) return;
    const joined = Buffer.allocUnsafe(this.#bytes);
    const parts = this.#parts;
    let offset = 0;
    for (let i = 0; i < parts.length; i += 2) {
      const head = parts[i]!;
      const body = parts[i + 1]!;
      offset = this.#framing.writeHeader(joined, offset, head.length + body.length);
      joined.set(head, offset);
      offset += head.length;
      joined.set(body, offset);
      offset += body.length;
    }
    this.#parts = [];
    this.#bytes = 0;
    this.#target.write(joined);
    this.#full = this.#target.waiting >= roomBytes;
  }

  /** The kernel has taken all that waited. */
  drained(): void {
    this.#full = false;
  }
}

/** The outboxes with something due, which are flushed at the end of this turn of the event loop. */
export class Turn {
  #due: Outbox[] = [];

  add(outbox: Outbox): void {
    // After the poll phase has handed over all that had arrived: that is the turn.
    if (this.#due.length === 0) setImmediate(() => this.#end());
    this.#due.push(outbox);
  }

  #end(): void {
    const due = this.#due;
    this.#due = [];
    for (const outbox of due) outbox.flush();
  }
}
