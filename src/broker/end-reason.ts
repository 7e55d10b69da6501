/** Why a subscription ended. Every end has exactly one, in a counter and in the log. */
export const endReasons = [
  'CLIENT_COMPLETED',
  'CONNECTION_LOST',
  'SLOW_CONSUMER',
  'SHUTTING_DOWN',
  'INTERNAL_ERROR',
] as const;
export type EndReason = (typeof endReasons)[number];
