/** What has arrived, in its order, for a test that takes it one by one. */
export class Inbox<T> {
  readonly #arrived: T[] = [];
  readonly #waiting: { resolve: (item: T) => void; reject: (error: Error) => void }[] = [];
  #end: Error | undefined;
  /** How many have arrived since the beginning. */
  count = 0;

  push(item: T): void {
    this.count += 1;
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#arrived.push(item);
    else waiting.resolve(item);
  }

  /** Nothing more comes: whoever waits, or comes to wait, gets this error. */
  end(why: Error): void {
    this.#end ??= why;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#end);
  }

  next(): Promise<T> {
    if (this.#arrived.length > 0) return Promise.resolve(this.#arrived.shift()!);
    if (this.#end !== undefined) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  async take(count: number): Promise<T[]> {
    const items: T[] = [];
    while (items.length < count) items.push(await this.next());
    return items;
  }

  /** What has arrived and was not taken. */
  get untaken(): readonly T[] {
    return this.#arrived;
  }
}
