/** What a reader of bytes tells the connection that it belongs to. */
export interface ReaderEvents {
  /** `count` messages more have arrived in whole. */
  arrived(count: number): void;
  /** A message to look into: `bytes[from, to)`, the `ordinal`th of this connection. */
  inspect(bytes: Buffer, from: number, to: number, ordinal: number): void;
  /** Anything that is no message: an acknowledgement, a ping, a close, an error. */
  control(opcode: number, body: Buffer): void;
}

/**
 * Counts messages in the bytes of one socket. It MUST count each exactly once, however the bytes are
 * cut, and MUST NOT keep `bytes` after it returns: all sockets of the process read into the same ones.
 */
export interface Reader {
  readonly count: number;
  /** Look into every nth message from here on, first into the `first`th. */
  sample(every: number, first: number): void;
  feed(bytes: Buffer, length: number): void;
}
