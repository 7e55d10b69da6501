import type { Flushable, FlushQueue } from './flush-queue.ts';
import type { Joiner, Framing } from './joiner.ts';

/** How many bytes may wait for the kernel. Beyond that, messages stay in their queues. */
const roomBytes = 64 * 1024;

/** The socket behind an outbox. */
export interface OutboxTarget {
  /**
   * Bytes that were written and that the kernel has not accepted. While it is 0 after a
   * `write`, the target MUST NOT use those bytes any more: they are overwritten.
   */
  readonly waiting: number;
  write(bytes: Buffer): void;
  /**
   * Called after `write` has thrown; nothing more is written. It MUST end its
   * connection, and MUST NOT throw.
   */
  failed(error: unknown): void;
}

/**
 * The frames for one socket in this turn of the event loop. They are joined and written
 * at once at the end of the turn, or at 64 KiB, whichever comes first: a system call
 * for each frame would cost more than everything else.
 */
export class Outbox implements Flushable {
  readonly #target: OutboxTarget;
  readonly #framing: Framing;
  readonly #flushQueue: FlushQueue;
  #full = false;
  #heads: Buffer[] = [];
  #bodies: Buffer[] = [];
  #bytes = 0;

  constructor(target: OutboxTarget, framing: Framing, flushQueue: FlushQueue) {
    this.#target = target;
    this.#framing = framing;
    this.#flushQueue = flushQueue;
  }

  /**
   * Whether a message may go directly to the socket. After false, `drained` is called
   * when there is room.
   */
  get writable(): boolean {
    return !this.#full;
  }

  /** Adds one frame with the content `head` and `body`. Neither may be modified afterwards. */
  push(head: Buffer, body: Buffer): void {
    if (this.#bytes === 0) this.#flushQueue.add(this);
    this.#heads.push(head);
    this.#bodies.push(body);
    const length = head.length + body.length;
    this.#bytes += length + this.#framing.overhead(length);
    if (this.#bytes >= roomBytes) this.flush();
  }

  /**
   * Writes the waiting frames. MUST be called before anything is written past the
   * outbox. Never throws: other outboxes are flushed after it in the same turn.
   */
  flush(): void {
    if (this.#bytes === 0) return;
    const { joiner } = this.#flushQueue;
    const joined = joiner.join(this.#framing, this.#heads, this.#bodies, this.#bytes);
    this.#heads = [];
    this.#bodies = [];
    this.#bytes = 0;
    try {
      this.#write(joined, joiner);
    } catch (error) {
      // It never drains: further messages wait in the queues until its connection has ended.
      this.#full = true;
      this.#target.failed(error);
    }
  }

  #write(joined: Buffer, joiner: Joiner): void {
    if (this.#target.waiting > 0) {
      // These bytes will wait too, and the joiner's buffer may be hundreds of times as large.
      this.#target.write(copyOf(joined));
    } else {
      this.#target.write(joined);
      if (this.#target.waiting > 0) joiner.giveAway();
    }
    this.#full = this.#target.waiting >= roomBytes;
  }

  /** The kernel has accepted all waiting bytes. */
  drained(): void {
    this.#full = false;
  }
}

/** Not from the pool of buffers: a small buffer would keep a whole slab in memory. */
function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}
