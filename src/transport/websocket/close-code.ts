/**
 * The close codes that the gateway sends itself. Those from 4400 on belong to
 * graphql-transport-ws, whose core sends the others of that protocol.
 */
export const CloseCode = {
  /** The gateway is shutting down: reconnect, to another instance or later. */
  GoingAway: 1001,
  /** An error in the gateway: reconnecting may help. */
  InternalError: 1011,
  /** Too many connections, or the client read too slowly: reconnect later. */
  TryAgainLater: 1013,
  /** The request is invalid: do not reconnect with it. */
  BadRequest: 4400,
  ConnectionInitialisationTimeout: 4408,
  InternalServerError: 4500,
} as const;
