/** Why a subscription ended, and what each reason means. Every end has exactly one, in a counter and in the log. */
export const ends = {
  CLIENT_COMPLETED: 'The client ended it.',
  CONNECTION_LOST: 'Its connection ended, with or without a closing message.',
  SLOW_CONSUMER: 'Its queue was full and its policy is DISCONNECT.',
  SHUTTING_DOWN: 'The gateway was shutting down.',
  INTERNAL_ERROR: 'Something broke inside the gateway; the log says what.',
} as const satisfies Record<string, string>;

export type EndReason = keyof typeof ends;
export const endReasons = Object.keys(ends) as readonly EndReason[];
