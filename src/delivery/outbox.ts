import type { Joiner, Framing } from './joiner.ts';

/** So many bytes may wait for the kernel before messages queue instead. */
const roomBytes = 64 * 1024;

/** The socket behind an outbox. */
export interface OutboxTarget {
  /**
   * Bytes that were written and that the kernel has not taken. While it is 0
   * after a `write`, the target MUST NOT refer to those bytes any more: they
   * are written over.
   */
  readonly waiting: number;
  write(bytes: Buffer): void;
  /** `write` has thrown, and nothing is written any more: it MUST end its connection, and MUST NOT throw. */
  failed(error: unknown): void;
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
  #heads: Buffer[] = [];
  #bodies: Buffer[] = [];
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
    this.#heads.push(head);
    this.#bodies.push(body);
    const length = head.length + body.length;
    this.#bytes += length + this.#framing.overhead(length);
    if (this.#bytes >= roomBytes) this.flush();
  }

  /**
   * Writes what is due. To be called before anything is written past the outbox.
   * Never throws: in the same turn others are flushed behind it.
   */
  flush(): void {
    if (this.#bytes === 0) return;
    const { joiner } = this.#turn;
    const joined = joiner.join(this.#framing, this.#heads, this.#bodies, this.#bytes);
    this.#heads = [];
    this.#bodies = [];
    this.#bytes = 0;
    try {
      this.#write(joined, joiner);
    } catch (error) {
      // It never drains: what else is meant for it waits in the queues until its connection has ended.
      this.#full = true;
      this.#target.failed(error);
    }
  }

  #write(joined: Buffer, joiner: Joiner): void {
    if (this.#target.waiting > 0) {
      // These bytes will wait as well, and the joiner's buffer may be hundreds of times as large.
      this.#target.write(copyOf(joined));
    } else {
      this.#target.write(joined);
      if (this.#target.waiting > 0) joiner.giveAway();
    }
    this.#full = this.#target.waiting >= roomBytes;
  }

  /** The kernel has taken all that waited. */
  drained(): void {
    this.#full = false;
  }
}

/**
 * How long frames are joined at most while the ingest is behind. What waits in
 * the kernel by then is late by more, and grows later with each write that
 * could have been spared: with it, 1,000 devices of one subscriber each go
 * through nearly twice as fast.
 */
const longestJoinMs = 25;

/**
 * The outboxes with something due, which are flushed at the end of this turn of
 * the event loop; or a few turns later, while so many messages are waiting to
 * be read that what they bring can leave in the same writes. At light load
 * nothing waits longer than its turn.
 */
export class Turn {
  readonly joiner: Joiner;
  readonly #behind: () => boolean;
  #due: Outbox[] = [];
  #since = 0;

  /** `behind`: whether the ingest has read all that it can at once, and has left more. Asked once in a turn. */
  constructor(joiner: Joiner, behind: () => boolean = () => false) {
    this.joiner = joiner;
    this.#behind = behind;
  }

  add(outbox: Outbox): void {
    // After the poll phase has handed over all that had arrived: that is the turn.
    if (this.#due.length === 0) {
      this.#since = performance.now();
      setImmediate(() => this.#end());
    }
    this.#due.push(outbox);
  }

  #end(): void {
    if (this.#behind() && performance.now() - this.#since < longestJoinMs) {
      setImmediate(() => this.#end());
      return;
    }
    const due = this.#due;
    this.#due = [];
    for (const outbox of due) outbox.flush();
  }
}

/** Not in the pool, of which it would keep a slab. */
function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}
