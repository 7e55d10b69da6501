import type { Arrival, Availability, Notice } from '../kernel/arrival.ts';
import { availabilityOf, type AvailabilityRule } from './availability.ts';
import { decodePayload, type JsonDocument, type PayloadLimits } from './decode-payload.ts';
import { isDeviceId } from '../kernel/device-id.ts';
import { deviceIdAt, type JsonPointer } from './device-id.ts';
import type { MqttMessage } from './mqtt-message.ts';
import { zeroes } from '../metrics/counts.ts';
import { rejectionReasons, type RejectionReason } from '../kernel/rejection.ts';
import type { TopicTemplate } from '../config/topic-template.ts';

const openingBrace = 0x7b;
const newline = 0x0a;

export interface IngestOptions extends PayloadLimits {
  readonly templates: readonly TopicTemplate[];
  /** Where the device id stands in the payload; undefined when it stands in the topic. */
  readonly deviceIdPointer: JsonPointer | undefined;
  /** Where devices tell whether they are there; undefined: nowhere. Its filter comes behind those of the templates. */
  readonly availability?: AvailabilityRule | undefined;
  /** What becomes of retained messages: delivered like others, kept as the state of their device alone, or nothing. */
  readonly retained: 'deliver' | 'state' | 'ignore';
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Takes a message; false when there is no place for its device. */
  readonly accept: (arrival: Arrival) => boolean;
  /** Takes a message that is the state of its device and is not delivered; false when there is no place for its device. */
  readonly keepState: (arrival: Arrival) => boolean;
  /** Whether anybody will see a message of this device. */
  readonly wanted: (deviceId: string) => boolean;
  /** Takes notice of a message that nobody will see; false when there is no place for its device. */
  readonly skip: (notice: Notice) => boolean;
  /** Takes notice that the retained message of a topic was deleted. */
  readonly clear: (deviceId: string, topic: string) => void;
  /** Takes what a device says of its availability; false when there is no place for it. */
  readonly heard?: (deviceId: string, availability: Availability) => boolean;
  /** Told of each refused message, so it MUST be cheap. `topic` is from outside. */
  readonly rejected: (reason: RejectionReason, topic: string) => void;
}

export interface Ingest {
  readonly rejections: Readonly<Record<RejectionReason, number>>;
  /** Messages without a payload: that is how a retained message is deleted. */
  readonly cleared: number;
  /** Takes one MQTT message. Never throws. */
  receive(message: MqttMessage): void;
}

/** From an MQTT message to the messages of a device. */
export function createIngest(options: IngestOptions): Ingest {
  const { templates, deviceIdPointer: pointer, now } = options;
  const rejections = zeroes(rejectionReasons);
  let cleared = 0;

  function reject(reason: RejectionReason, topic: string): void {
    rejections[reason] += 1;
    options.rejected(reason, topic);
  }

  function isState(retained: boolean): boolean {
    return retained && options.retained === 'state';
  }

  /** Counts the id as rejected when it is none. */
  function checkedId(deviceId: string | undefined, topic: string): string | undefined {
    if (deviceId === undefined || deviceId === '') reject('NO_DEVICE_ID', topic);
    else if (!isDeviceId(deviceId)) reject('BAD_DEVICE_ID', topic);
    else return deviceId;
    return undefined;
  }

  function accept(
    id: string | undefined,
    { topic, retained, qos }: MqttMessage,
    { text: payload, bytes: payloadBytes }: JsonDocument,
  ): void {
    const deviceId = checkedId(id, topic);
    if (deviceId === undefined) return;
    const receivedAt = now();
    const atMostOnce = qos === 0;
    const arrival = { deviceId, topic, payload, payloadBytes, receivedAt, retained, atMostOnce };
    const take = isState(retained) ? options.keepState : options.accept;
    if (!take(arrival)) reject('TOO_MANY_DEVICES', topic);
  }

  /** A message without a payload. With a pointer nobody can say of which device it is. */
  function clear(topicId: string | undefined, topic: string): void {
    const deviceId = pointer === undefined ? checkedId(topicId, topic) : '';
    if (deviceId === undefined) return;
    cleared += 1;
    if (deviceId !== '') options.clear(deviceId, topic);
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
  function isAvailability({ topic, payload, retained, subscriptions }: MqttMessage): boolean {
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
    else if (options.heard?.(deviceId, { online, at: now(), retained }) === false) {
      reject('TOO_MANY_DEVICES', topic);
    }
    return true;
  }

  return {
    rejections,
    get cleared() {
      return cleared;
    },
    receive(message) {
      const { topic, payload, retained, subscriptions } = message;
      if (options.availability !== undefined && isAvailability(message)) return;
      if (retained && options.retained === 'ignore') return;
      let index = 0;
      while (index < templates.length && !templates[index]!.matches(topic)) index += 1;
      if (index === templates.length) {
        reject('UNWANTED_TOPIC', topic);
        return;
      }
      // Where templates overlap, the MQTT broker may send a copy for each: the first template's is the message.
      if (subscriptions !== undefined && !subscriptions.includes(index)) return;
      const topicId = pointer === undefined ? templates[index]!.deviceIdOf(topic) : undefined;
      if (payload.length === 0) {
        clear(topicId, topic);
        return;
      }
      if (
        topicId !== undefined &&
        !isState(retained) &&
        !options.wanted(topicId) &&
        isOneObject(payload) &&
        isDeviceId(topicId)
      ) {
        const notice = {
          deviceId: topicId,
          receivedAt: now(),
          retained,
          atMostOnce: message.qos === 0,
        };
        if (!options.skip(notice)) reject('TOO_MANY_DEVICES', topic);
        return;
      }
      for (const decoded of decodePayload(payload, options)) {
        if (!decoded.ok) {
          reject(decoded.reason, topic);
        } else {
          accept(pointer === undefined ? topicId : deviceIdAt(pointer, decoded), message, decoded);
        }
      }
    },
  };
}
