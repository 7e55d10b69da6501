/** Takes the chunks of HTTP's chunked transfer coding apart. */
export class ChunkedBody {
  readonly #take: (data: Buffer) => void;
  readonly #ended: () => void;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(take: (data: Buffer) => void, ended: () => void = () => undefined) {
    this.#take = take;
    this.#ended = ended;
  }

  write(received: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? received : Buffer.concat([this.#bytes, received]);
    for (;;) {
      const line = this.#bytes.indexOf('\r\n');
      if (line === -1) return;
      const length = Number.parseInt(this.#bytes.toString('latin1', 0, line), 16);
      const end = line + 2 + length;
      if (this.#bytes.length < end + 2) return;
      const data = this.#bytes.subarray(line + 2, end);
      this.#bytes = this.#bytes.subarray(end + 2);
      if (length === 0) this.#ended();
      else this.#take(data);
    }
  }
}
