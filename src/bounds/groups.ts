/**
 * Members in groups, with quick access to the largest group: the holder of most of a
 * shared resource. Every call costs the same, whatever the number of members.
 */
export class Groups<Member> {
  readonly #groups = new Map<string, Set<Member>>();
  /** The names of the groups of each size. */
  readonly #bySize = new Map<number, Set<string>>();
  #largestSize = 0;
  #size = 0;

  /** The number of members of all groups together. */
  get size(): number {
    return this.#size;
  }

  /** The members of a group, in the order in which they were added. */
  get(name: string): ReadonlySet<Member> {
    return this.#groups.get(name) ?? none;
  }

  /** The name of a largest group; undefined when there is none. */
  get largest(): string | undefined {
    return this.#bySize.get(this.#largestSize)?.values().next().value;
  }

  add(name: string, member: Member): void {
    let group = this.#groups.get(name);
    if (group === undefined) this.#groups.set(name, (group = new Set()));
    const before = group.size;
    group.add(member);
    this.#moved(name, before, group.size);
  }

  delete(name: string, member: Member): void {
    const group = this.#groups.get(name);
    if (group === undefined) return;
    const before = group.size;
    group.delete(member);
    this.#moved(name, before, group.size);
    if (group.size === 0) this.#groups.delete(name);
  }

  #moved(name: string, before: number, after: number): void {
    if (before === after) return;
    this.#size += after - before;
    const left = this.#bySize.get(before);
    left?.delete(name);
    if (left?.size === 0) this.#bySize.delete(before);
    if (after > 0) {
      const joined = this.#bySize.get(after);
      if (joined === undefined) this.#bySize.set(after, new Set([name]));
      else joined.add(name);
    }
    // A group changes by one member at a time, so the next largest size is one less.
    if (after > this.#largestSize) this.#largestSize = after;
    else if (!this.#bySize.has(this.#largestSize)) this.#largestSize = after;
  }
}

const none: ReadonlySet<never> = new Set();
