import type { TopicTemplate } from '../config/topic-template.ts';

/** Where devices, or the last wills that they leave at the MQTT broker, tell whether they are there. */
export interface AvailabilityRule {
  readonly template: TopicTemplate;
  /** The payload that says so, as text. */
  readonly online: string;
  readonly offline: string;
}

/** What a payload says: whether the device is online; undefined when it is neither of the two. */
export function availabilityOf(
  { online, offline }: AvailabilityRule,
  payload: Uint8Array,
): boolean | undefined {
  const longest = Math.max(Buffer.byteLength(online), Buffer.byteLength(offline));
  // White space around it is nobody's state; what is longer than that is none of the two.
  if (payload.length > longest + 16) return undefined;
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
    .toString()
    .trim();
  if (text === online) return true;
  return text === offline ? false : undefined;
}
