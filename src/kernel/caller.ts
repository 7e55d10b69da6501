/** The ways in which a client can reach the gateway, as logs and metrics name them, and what each is. */
export const transports = {
  http: 'A GraphQL operation that is answered at once. No subscription is open over it.',
  sse: 'GraphQL over Server-Sent Events, in either mode.',
  multipart: 'GraphQL over `multipart/mixed`.',
  websocket: 'GraphQL over WebSocket.',
  'plain-sse': 'The plain stream, over Server-Sent Events.',
  'plain-websocket': 'The plain stream, over WebSocket.',
  library: 'The program that embeds the gateway.',
} as const satisfies Record<string, string>;

export type Transport = keyof typeof transports;
export const transportNames = Object.keys(transports) as readonly Transport[];

/**
 * The client of a request. Created in one place, where a connection is accepted, and
 * passed unchanged to all its streams and operations.
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

/** A program that embeds the gateway. `who` is its name in the log. */
export function libraryCaller(who = 'library'): Caller {
  return { transport: 'library', address: '', connectionId: 0, who };
}
