/**
 * A JSON value as text. It passes through execution in place of the value, so that the
 * text can be written into the result unchanged.
 */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /**
   * For a host that prints results with `JSON.stringify`: the value, whose numbers are
   * printed as they were written. White space is lost. Throws a RangeError for a value
   * with more than about 2,000 levels of nesting; `JSON.stringify` itself would fail at
   * about twice that.
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
        'The value is nested too deeply for JSON.stringify. Write its text instead.',
        { cause },
      );
    }
  }
}
