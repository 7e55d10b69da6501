import type { DeviceMessage, Gap } from '../../kernel/device-message.ts';
import { plainData, plainGapData } from '../../delivery/plain-rendering.ts';
import { SharedRendering, type Rendering, type RenderingMemory } from '../../delivery/rendering.ts';
import { deflated } from '../../delivery/websocket-framing.ts';
import { idOfOneDevice } from '../event-stream/event-positions.ts';
import { eventText, idLine } from '../event-stream/event-text.ts';

/** The bodies of one form of the plain stream, shared by all its clients. */
export interface PlainForm {
  readonly messages: Rendering;
  /** The body of a gap, for clients that request gaps. */
  readonly gaps: Rendering;
}

/** The forms of the plain stream. */
export interface PlainForms {
  readonly webSocket: PlainForm;
  readonly compressedWebSocket: PlainForm;
  readonly events: PlainForm;
  /** For streams with one device, whose id is the same for all of them. */
  readonly eventsOfOneDevice: PlainForm;
}

const noBytes = Buffer.alloc(0);

export function createPlainForms(memory: RenderingMemory): PlainForms {
  const frame = (message: DeviceMessage): string =>
    `{"event":"message","data":${plainData(message)}}`;
  const event = (message: DeviceMessage): string => eventText('message', plainData(message));
  const gapFrame = (message: DeviceMessage, gap: Gap): string =>
    `{"event":"gap","data":${plainGapData(message, gap)}}`;
  const gapEvent = (message: DeviceMessage, gap: Gap): string =>
    eventText('gap', plainGapData(message, gap));
  const shared = (render: (message: DeviceMessage) => Buffer): Rendering =>
    new SharedRendering(render, { memory });
  const sharedGaps = (render: (message: DeviceMessage, gap: Gap) => Buffer): Rendering =>
    new SharedRendering((message, gap) => (gap === null ? noBytes : render(message, gap)), {
      memory,
      tellsGaps: true,
    });
  /**
   * It has no id: a client that is disconnected after a gap resumes before the message,
   * and gets the gap again.
   */
  const gapEvents = sharedGaps((message, gap) => Buffer.from(gapEvent(message, gap)));
  return {
    webSocket: {
      messages: shared((message) => Buffer.from(frame(message))),
      gaps: sharedGaps((message, gap) => Buffer.from(gapFrame(message, gap))),
    },
    compressedWebSocket: {
      messages: shared((message) => deflated(frame(message))),
      gaps: sharedGaps((message, gap) => deflated(gapFrame(message, gap))),
    },
    events: {
      messages: shared((message) => Buffer.from(event(message))),
      gaps: gapEvents,
    },
    eventsOfOneDevice: {
      messages: shared((message) => Buffer.from(idLine(idOfOneDevice(message)) + event(message))),
      gaps: gapEvents,
    },
  };
}
