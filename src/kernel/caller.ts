/** The ways in which a client can reach the gateway, as logs and metrics name them. */
export const transports = [
  'http',
  'sse',
  'multipart',
  'websocket',
  'plain-sse',
  'plain-websocket',
  'library',
] as const;

export type Transport = (typeof transports)[number];

/**
 * Who asks. Made in one place, where a connection is accepted, for each of its
 * streams and operations, and handed down as it is.
 */
export interface Caller {
  readonly transport: Transport;
  /** The client's network address; the empty string for a library. */
  readonly address: string;
  /** Distinguishes the network connections of this process; 0 for a library. */
  readonly connectionId: number;
  /** For the log: the transport, the address and the port, for example `websocket 127.0.0.1:50412`. */
  readonly who: string;
}

/** Whoever embeds the gateway. `who`: what the log shows. */
export function libraryCaller(who = 'library'): Caller {
  return { transport: 'library', address: '', connectionId: 0, who };
}
