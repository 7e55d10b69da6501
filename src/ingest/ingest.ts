import type { Arrival } from '../log/log.ts';
import { decodePayload, type JsonDocument } from './decode-payload.ts';
import { deviceIdAt, isDeviceId, type JsonPointer } from './device-id.ts';
import { rejectionReasons, type RejectionReason } from './rejection.ts';
import type { TopicTemplate } from './topic-template.ts';

export interface IngestOptions {
  readonly templates: readonly TopicTemplate[];
  /** Where the device id stands in the payload; undefined when it stands in the topic. */
  readonly deviceIdPointer: JsonPointer | undefined;
  readonly maxPayloadBytes: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Takes a message; false when there is no place for its device. */
  readonly accept: (arrival: Arrival) => boolean;
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
    } else if (!options.accept({ deviceId, topic, payload: document.text, receivedAt: now() })) {
      reject('TOO_MANY_DEVICES', topic);
    }
  }

  return {
    rejections,
    receive(topic, payload, subscriptions) {
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
      for (const decoded of decodePayload(payload, options.maxPayloadBytes)) {
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
