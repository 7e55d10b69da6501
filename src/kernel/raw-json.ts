/**
 * A JSON value as its text. It travels through execution in place of the value,
 * so that the text can be written into the result as it is.
 */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /**
   * For a host that prints results with `JSON.stringify`: the value, whose
   * numbers print as they were written. White space is lost on this way, and
   * what is nested in more than some 2,000 levels cannot go it: `JSON.stringify`
   * would end at about twice that itself. Throws a RangeError.
   */
  toJSON(): unknown {
    const parse = JSON.parse as (
      text: string,
      reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
    ) => unknown;
    const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => unknown };
    try {
      return parse(this.text, (_key, value, { source }) =>
        typeof value === 'number' && source !== undefined ? rawJSON(source) : value,
      );
    } catch (cause) {
      throw new RangeError(
        'The value is nested too deeply for JSON.stringify. Its text can be written as it is.',
        { cause },
      );
    }
  }
}
