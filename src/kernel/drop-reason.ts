/**
 * Why a message was not delivered to a subscription, and what each reason means. The
 * values are those of the SDL.
 */
export const drops = {
  QUEUE_OVERFLOW: "The subscription's queue was full: its client did not read fast enough.",
  SUBSCRIPTION_ENDED:
    'It was waiting in the queue, or to be replayed, when the subscription ended. A client that resumes after its last position gets it.',
  HISTORY_EXPIRED: 'A client asked for it by position, and it was no longer kept.',
} as const satisfies Record<string, string>;

export type DropReason = keyof typeof drops;
export const dropReasons = Object.keys(drops) as readonly DropReason[];
