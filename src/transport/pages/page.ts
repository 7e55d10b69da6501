import type { ContentEncoding } from '../http/content-encoding.ts';

/** A file that is served as it is, or compressed. */
export interface Page {
  /** In each encoding that there is of it. */
  readonly encoded: Readonly<Partial<Record<ContentEncoding, Buffer>>>;
  /** Differs whenever the content does. */
  readonly tag: string;
  readonly headers: Readonly<Record<string, string>>;
}
