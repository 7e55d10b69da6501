/**
 * What a full queue does with the next message.
 *
 * - `DROP_NEWEST` refuses it.
 * - `DROP_OLDEST` makes room for it.
 * - `LATEST` keeps only the newest message of each device.
 * - `DISCONNECT` ends the subscription, to be resumed by position.
 */
export const overflowPolicies = ['DROP_NEWEST', 'DROP_OLDEST', 'LATEST', 'DISCONNECT'] as const;
export type OverflowPolicy = (typeof overflowPolicies)[number];
