/**
 * The close codes that are ours to send. Those from 4400 on are of
 * graphql-transport-ws, whose core sends the rest of them itself.
 */
export const CloseCode = {
  /** The gateway is shutting down: reconnect, to another instance or later. */
  GoingAway: 1001,
  /** Something broke here: reconnecting is worth a try. */
  InternalError: 1011,
  /** As many connections as there may be, or the client read too slowly: reconnect later. */
  TryAgainLater: 1013,
  /** The request can't be served as it is: do not reconnect with it. */
  BadRequest: 4400,
  ConnectionInitialisationTimeout: 4408,
  InternalServerError: 4500,
} as const;
