import { parseTopicTemplate, type TopicTemplate } from '../config/topic-template.ts';
import type { AvailabilityRule } from './availability.ts';
import { parseJsonPointer, type JsonPointer } from './device-id.ts';

export interface TopicSettings {
  readonly topics: readonly string[];
  readonly deviceIdPointer: string | undefined;
  readonly availabilityTopic: string | undefined;
  readonly availabilityOnline: string;
  readonly availabilityOffline: string;
}

/** Which topics are read, and where the device stands in them. */
export interface HeardTopics {
  readonly templates: readonly TopicTemplate[];
  /** Where the device id stands in the payload; undefined when it stands in the topic. */
  readonly deviceIdPointer: JsonPointer | undefined;
  /** Where devices tell whether they are there; undefined: nowhere. */
  readonly availability: AvailabilityRule | undefined;
}

/** The settings are those of `resolveSettings`, which has refused a topic or a pointer that makes no sense. */
export function heardTopics(settings: TopicSettings): HeardTopics {
  const deviceIdPointer =
    settings.deviceIdPointer === undefined ? undefined : parseJsonPointer(settings.deviceIdPointer);
  return {
    deviceIdPointer,
    templates: settings.topics.map((text) =>
      parseTopicTemplate(text, { deviceIdRequired: deviceIdPointer === undefined }),
    ),
    availability:
      settings.availabilityTopic === undefined
        ? undefined
        : {
            template: parseTopicTemplate(settings.availabilityTopic),
            online: settings.availabilityOnline,
            offline: settings.availabilityOffline,
          },
  };
}
