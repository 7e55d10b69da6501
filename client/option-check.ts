/** What an option takes, for a person, and whether a value is that. */
export type Kind = readonly [takes: string, takesValue: (value: unknown) => boolean];
/** By the name of the option. */
export type Kinds = Readonly<Record<string, Kind>>;

const shownCharacters = 80;

export const callback: Kind = ['a function', (value) => typeof value === 'function'];
export const text: Kind = ['a string', (value) => typeof value === 'string'];
export const milliseconds: Kind = [
  // One of 2^31 ms and more, Infinity too, is over at once for `setTimeout`.
  'a number of milliseconds above 0 and below 2^31',
  (value) => typeof value === 'number' && value > 0 && value < 2 ** 31,
];
export const signal: Kind = [
  'an AbortSignal',
  (value) => typeof (value as Partial<AbortSignal> | null)?.addEventListener === 'function',
];

export function whole(least: number): Kind {
  return [
    `a whole number from ${least} on`,
    (value) => Number.isSafeInteger(value) && (value as number) >= least,
  ];
}

/** What GraphQL takes null for, too: as if it were missing. */
export function nullable([takes, takesValue]: Kind): Kind {
  return [takes, (value) => value === null || takesValue(value)];
}

/** Throws a TypeError for an option that has no such kind, and for one that there is not. `undefined` is as if it were missing. */
export function checkOptions(options: unknown, kinds: Kinds): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(
      `options must be an object with ${Object.keys(kinds).join(', ')}; it is ${shown(options)}`,
    );
  }
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(kinds, name)) {
      throw new TypeError(
        `${shown(name)} is not an option: there are ${Object.keys(kinds).join(', ')}`,
      );
    }
    const [takes, takesValue] = kinds[name]!;
    if (value !== undefined && !takesValue(value)) {
      // Nothing of a token belongs into a log.
      const what = name === 'token' ? `of type ${typeof value}` : shown(value);
      throw new TypeError(`${name} must be ${takes}; it is ${what}`);
    }
  }
}

/** Throws a TypeError for what is no array of device ids. */
export function checkDeviceIds(deviceIds: unknown): void {
  // A string alone would be followed letter by letter. A number would never be heard:
  // the gateway answers with a string, which is another key.
  if (!Array.isArray(deviceIds)) {
    throw new TypeError(`deviceIds must be an array of strings; it is ${shown(deviceIds)}`);
  }
  const wrong = deviceIds.findIndex((deviceId) => typeof deviceId !== 'string');
  if (wrong !== -1) {
    throw new TypeError(`deviceIds[${wrong}] must be a string; it is ${shown(deviceIds[wrong])}`);
  }
}

/** A value in a message, of a bounded length. */
export function shown(value: unknown): string {
  let characters: string | undefined;
  try {
    characters =
      typeof value === 'object' || typeof value === 'string' ? JSON.stringify(value) : undefined;
  } catch {
    // A circle, or what cannot be read: its type says enough.
    characters = 'an object';
  }
  characters ??= typeof value === 'function' ? 'a function' : String(value);
  return characters.length > shownCharacters
    ? `${characters.slice(0, shownCharacters)}…`
    : characters;
}
