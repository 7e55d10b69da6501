import type { ContentEncoding } from '../http/content-encoding.ts';

/** A file that is served uncompressed or compressed. */
export interface Page {
  /** The body in each available encoding. */
  readonly encoded: Readonly<Partial<Record<ContentEncoding, Buffer>>>;
  /** The tag of the content: it changes when the content changes. */
  readonly tag: string;
  readonly headers: Readonly<Record<string, string>>;
}
