import type { Arrival, Availability } from '../log/log.ts';
import { availabilityOf, type AvailabilityRule } from './availability.ts';
import { decodePayload, type JsonDocument, type PayloadLimits } from './decode-payload.ts';
import { deviceIdAt, isDeviceId, type JsonPointer } from './device-id.ts';
import { rejectionReasons, type RejectionReason } from './rejection.ts';
import type { TopicTemplate } from './topic-template.ts';

const openingBrace = 0x7b;
const newline = 0x0a;

export interface IngestOptions extends PayloadLimits {
  readonly templates: readonly TopicTemplate[];
  /** Where the device id stands in the payload; undefined when it stands in the topic. */
  readonly deviceIdPointer: JsonPointer | undefined;
  /** Where devices tell whether they are there; undefined: nowhere. Its filter comes behind those of the templates. */
  readonly availability?: AvailabilityRule | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Takes a message; false when there is no place for its device. */
  readonly accept: (arrival: Arrival) => boolean;
  /** Whether anybody will see a message of this device. */
  readonly wanted: (deviceId: string) => boolean;
  /** Takes notice of a message that nobody will see; false when there is no place for its device. */
  readonly pass: (deviceId: string, receivedAt: number) => boolean;
  /** Takes what a device says of its availability; false when there is no place for it. */
  readonly heard?: (deviceId: string, availability: Availability) => boolean;
  /** Told of each refused message, so it MUST be cheap. `topic` is from outside. */
  readonly rejected: (reason: RejectionReason, topic: string) => void;
}

export interface Ingest {
  readonly rejections: Readonly<Record<RejectionReason, number>>;
  /** Takes one MQTT message. Never throws. */
  receive(topic: string, payload: Uint8Array, subscriptions: readonly number[] | undefined): void;
}

/** From an MQTT message to the messages of a device. */
export function createIngest(options: IngestOptions): Ingest {
  const { templates, deviceIdPointer: pointer, now } = options;
  const rejections = Object.fromEntries(rejectionReasons.map((reason) => [reason, 0])) as Record<
    RejectionReason,
    number
  >;

  function reject(reason: RejectionReason, topic: string): void {
    rejections[reason] += 1;
    options.rejected(reason, topic);
  }

  function accept(deviceId: string | undefined, topic: string, document: JsonDocument): void {
    if (deviceId === undefined || deviceId === '') {
      reject('NO_DEVICE_ID', topic);
    } else if (!isDeviceId(deviceId)) {
      reject('BAD_DEVICE_ID', topic);
    } else {
      const { text: payload, bytes: payloadBytes } = document;
      const arrival = { deviceId, topic, payload, payloadBytes, receivedAt: now() };
      if (!options.accept(arrival)) reject('TOO_MANY_DEVICES', topic);
    }
  }

  /** One message at most, by its looks, and not too long: all that there is to know of it when nobody wants it. */
  function isOneObject(payload: Uint8Array): boolean {
    return (
      payload.length <= options.maxPayloadBytes &&
      payload[0] === openingBrace &&
      !payload.includes(newline)
    );
  }

  /** Whether it was such a message, or a copy of one. */
  function isAvailability(
    topic: string,
    payload: Uint8Array,
    subscriptions: readonly number[] | undefined,
  ): boolean {
    const rule = options.availability;
    if (rule?.template.matches(topic) !== true) return false;
    // The copy for a template of messages that matches as well.
    if (subscriptions !== undefined && !subscriptions.includes(templates.length)) return true;
    const deviceId = rule.template.deviceIdOf(topic) ?? '';
    const online = availabilityOf(rule, payload);
    // A retained message that was deleted says nothing.
    if (payload.length === 0) return true;
    if (online === undefined) reject('UNKNOWN_AVAILABILITY', topic);
    else if (!isDeviceId(deviceId)) reject('BAD_DEVICE_ID', topic);
    else if (options.heard?.(deviceId, { online, at: now() }) === false) {
      reject('TOO_MANY_DEVICES', topic);
    }
    return true;
  }

  return {
    rejections,
    receive(topic, payload, subscriptions) {
      if (options.availability !== undefined && isAvailability(topic, payload, subscriptions)) {
        return;
      }
      let index = 0;
      while (index < templates.length && !templates[index]!.matches(topic)) index += 1;
      // Where templates overlap, the MQTT broker may send a copy for each: the first template's is the message.
      if (
        subscriptions !== undefined &&
        index < templates.length &&
        !subscriptions.includes(index)
      ) {
        return;
      }
      const topicId = pointer === undefined ? templates[index]?.deviceIdOf(topic) : undefined;
      if (
        topicId !== undefined &&
        !options.wanted(topicId) &&
        isOneObject(payload) &&
        isDeviceId(topicId)
      ) {
        if (!options.pass(topicId, now())) reject('TOO_MANY_DEVICES', topic);
        return;
      }
      for (const decoded of decodePayload(payload, options)) {
        if (!decoded.ok) {
          reject(decoded.reason, topic);
        } else {
          const id = pointer === undefined ? topicId : deviceIdAt(pointer, decoded);
          accept(id, topic, decoded);
        }
      }
    },
  };
}
