import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A TCP connection to the gateway that says and reads only what its test wants. */
export class RawSocket implements AsyncDisposable {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #read: ((chunk: Buffer) => void) | undefined;
  /** Resolves when it is closed, by whichever side. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.once('close', () => resolve());
    });
    // A reset is an end like any other here.
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      if (this.#read === undefined) this.#received = Buffer.concat([this.#received, chunk]);
      else this.#read(chunk);
    });
  }

  static async connect(url: string): Promise<RawSocket> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, 'connect');
    return new RawSocket(socket);
  }

  /** Resolves when the kernel has taken it, which it does not while the gateway does not read. */
  write(bytes: Buffer | string): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.write(bytes, () => resolve());
    });
  }

  /** What has been received, less what was taken by `head` or goes to `readAll`. */
  get received(): string {
    return this.#received.toString('latin1');
  }

  /** Waits for the end of an HTTP head, and takes it. Rejects when the connection is closed before. */
  async head(): Promise<string> {
    for (;;) {
      const end = this.received.indexOf('\r\n\r\n');
      if (end !== -1) {
        const head = this.received.slice(0, end);
        this.#received = this.#received.subarray(end + 4);
        return head;
      }
      await Promise.race([once(this.#socket, 'data'), this.closed]);
      if (this.#socket.closed && !this.received.includes('\r\n\r\n')) {
        throw new Error(`closed instead of an answer: ${JSON.stringify(this.received)}`);
      }
    }
  }

  /** Hands on what has been received, and everything from now on. */
  readAll(read: (chunk: Buffer) => void): void {
    this.#read = read;
    const received = this.#received;
    this.#received = Buffer.alloc(0);
    if (received.length > 0) read(received);
  }

  /** Stops reading: the kernel's buffers fill, and then the gateway's. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Sends a FIN and goes on reading. */
  end(): void {
    this.#socket.end();
  }

  /** Goes away with a RST and without a word. */
  vanish(): void {
    this.#socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.closed;
  }
}
