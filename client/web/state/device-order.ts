/** The names of devices in the order in which a person looks for them: `pump-9` before `pump-10`. */
export interface DeviceOrder {
  /** All names, in order. Asked again with the same names, it compares none. */
  of(names: ReadonlyMap<string, unknown>): readonly string[];
}

export function createDeviceOrder(): DeviceOrder {
  const collator = new Intl.Collator('en', { numeric: true });
  let ordered: string[] = [];
  let known = new Set<string>();
  return {
    of(names) {
      const fresh = [...names.keys()].filter((name) => !known.has(name));
      const left = known.size + fresh.length > names.size;
      if (fresh.length === 0 && !left) return ordered;
      const stayed = left ? ordered.filter((name) => names.has(name)) : ordered;
      // Two sorted runs, which a sort of JavaScript's merges: ten thousand names
      // are not compared anew for the hundred that came.
      ordered = [...stayed, ...fresh.toSorted(collator.compare)].toSorted(collator.compare);
      known = new Set(ordered);
      return ordered;
    },
  };
}
