/**
 * Members in groups, of which the largest is at hand: who takes most of what is
 * common. Every call costs the same, however many there are.
 */
export class Groups<Member> {
  readonly #groups = new Map<string, Set<Member>>();
  /** The names of the groups of each size. */
  readonly #bySize = new Map<number, Set<string>>();
  #largestSize = 0;
  #size = 0;

  /** Of all groups together. */
  get size(): number {
    return this.#size;
  }

  /** The members of a group, those that were added first first. */
  get(name: string): ReadonlySet<Member> {
    return this.#groups.get(name) ?? none;
  }

  /** The name of a group that has as many members as any; undefined when there is none. */
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
    // A group grows and shrinks by one, so the next size down is that of the next largest.
    if (after > this.#largestSize) this.#largestSize = after;
    else if (!this.#bySize.has(this.#largestSize)) this.#largestSize = after;
  }
}

const none: ReadonlySet<never> = new Set();
