import { parseTopicTemplate } from './topic-template.ts';
import { isHostEntry, isOriginEntry } from './origin.ts';
import * as kind from './kind.ts';
import { defaultTextOf, wordsOf, type Option } from './option.ts';

/** In the order of the help and of the configuration page. */
export const groups = [
  'HTTP',
  'MQTT',
  'Topics and device ids',
  'Delivery',
  'History',
  'Limits',
  'Logging',
] as const;
type Group = (typeof groups)[number];

/** One setting. Its description says the meaning, the unit, what 0 means and what happens at the limit. */
export interface Setting<Value, Default extends Value | undefined> extends Option<Value> {
  readonly group: Group;
  readonly default: Default | ((context: DefaultContext) => Default);
}

/** What a default may depend on. */
export interface DefaultContext {
  readonly hasClientId: boolean;
  readonly onTerminal: boolean;
  /** Undefined when nobody chose it. */
  readonly maxPayloadBytes: number | undefined;
}

const longestTimerMs = 2_147_483_647;
const largestMqttPacket = 268_435_455;
const defaultMaxPayloadBytes = 262_144;

/**
 * The one definition of all settings. From it come the types, the defaults, the
 * environment variables, the flags, the help and the configuration page.
 */
export const definitions = {
  host: setting({
    group: 'HTTP',
    description:
      'The address that the gateway listens on. `0.0.0.0` or `::` takes connections from other machines; which pages may then read is said by `SLUICE_ALLOWED_ORIGINS` and `SLUICE_ALLOWED_HOSTS`.',
    kind: kind.matching('a host name or an IP address', 'host', /^[^\s/]+$/),
    default: '127.0.0.1',
  }),
  port: setting({
    group: 'HTTP',
    description: 'The TCP port of everything over HTTP and WebSocket. 0: any free port.',
    kind: kind.port,
    default: 4000,
  }),
  allowedOrigins: setting({
    group: 'HTTP',
    description:
      "The other origins whose pages may read, separated by commas (as a library option: an array): scheme, host and port as in the address bar. `*`: pages of any origin. A page of the gateway's own address may always read, and while the gateway listens on a loopback address, so may every page of this machine. Other pages are refused with status 403 (`FORBIDDEN`). Programs, which send no `Origin`, are not affected.",
    kind: kind.list(
      kind.matching('an origin', 'origins', { test: isOriginEntry }),
      'origins such as https://dashboard.example or http://localhost:5173 without a path, or *',
      { mayBeEmpty: true },
    ),
    default: Object.freeze([]),
    defaultText: 'none',
  }),
  allowedHosts: setting({
    group: 'HTTP',
    description:
      'The further host names by which the gateway is reached, separated by commas (as a library option: an array): the name of its service, or what a proxy puts into `Host`. `.example.com` stands for the domain and all names below it, `*` for any name, which lets pages of every origin read (DNS rebinding). `SLUICE_HOST`, `localhost` and loopback addresses are always allowed and, when the gateway does not listen on a loopback address, every IP address and the name of the machine. Requests to other names are refused with status 403 (`FORBIDDEN`), except for `/health` and `/ready`.',
    kind: kind.list(
      kind.matching('a host name', 'hosts', { test: isHostEntry }),
      'host names without a scheme or a port, domains such as .example.com, or *',
      { mayBeEmpty: true },
    ),
    default: Object.freeze([]),
    defaultText: 'none',
  }),
  federation: setting({
    group: 'HTTP',
    description:
      'Whether the schema is served as a subgraph of Apollo Federation 2, with the entity `Device`. Its composition takes what `sluice schema --federation` prints.',
    kind: kind.choice(['off', 'on'], 'off|on'),
    default: 'off',
  }),
  idleTimeoutMs: setting({
    group: 'HTTP',
    description:
      'For how many milliseconds an HTTP connection stays open between two requests. It has to be longer than the load balancer in front keeps its connections (AWS 60 seconds, Google Cloud 600): otherwise a request now and then meets a connection that is being closed, which clients see as 502.',
    kind: kind.integer({ min: 1_000, max: longestTimerMs, placeholder: 'ms' }),
    default: 75_000,
  }),

  mqttUrl: setting({
    group: 'MQTT',
    description:
      'The MQTT broker to read the device messages from. Without it the gateway starts a broker of its own, for trying things out, and simulates devices.',
    kind: kind.url(['mqtt', 'mqtts', 'ws', 'wss']),
    default: undefined,
    defaultText: 'none, which starts the embedded broker',
  }),
  embeddedMqttPort: setting({
    group: 'MQTT',
    description:
      'The TCP port of the embedded broker, on 127.0.0.1; when it is in use, the next free one. 0: any free port. Without effect when an MQTT broker is named.',
    kind: kind.port,
    default: 1883,
  }),
  simulatedDevices: setting({
    group: 'MQTT',
    description:
      'How many simulated trackers publish to the embedded broker, on `devices/<id>/messages`, once per second each. 0: none. Without effect when an MQTT broker is named.',
    kind: kind.integer({ min: 0, max: 10_000 }),
    default: 20,
  }),
  mqttUsername: setting({
    group: 'MQTT',
    description: 'The user name for the MQTT broker.',
    kind: kind.text('a user name', 'name'),
    default: undefined,
  }),
  mqttPassword: setting({
    group: 'MQTT',
    description:
      'The password for the MQTT broker. Rather set the variable: a flag can be seen in the list of processes.',
    kind: kind.secret('a password', 'password'),
    default: undefined,
  }),
  mqttCaFile: setting({
    group: 'MQTT',
    description:
      'The file with the certificate authorities (PEM) to check the certificate of the broker against, instead of those that Node.js brings.',
    kind: kind.readableFile,
    default: undefined,
  }),
  mqttCertFile: setting({
    group: 'MQTT',
    description:
      'The file with the certificate (PEM) that the gateway shows to the broker. It comes together with the key.',
    kind: kind.readableFile,
    default: undefined,
  }),
  mqttKeyFile: setting({
    group: 'MQTT',
    description:
      'The file with the key (PEM) of that certificate. It comes together with the certificate.',
    kind: kind.readableFile,
    default: undefined,
  }),
  mqttClientId: setting({
    group: 'MQTT',
    description:
      'The MQTT client id. It makes the session persistent: the broker keeps the messages of a short interruption. No two gateways may have the same one, since the broker disconnects the older of the two.',
    kind: kind.text('a client id', 'id'),
    default: undefined,
    defaultText: 'none; the session ends with the connection',
  }),
  mqttQos: setting({
    group: 'MQTT',
    description:
      'The quality of service that the gateway subscribes with: 0 at most once, 1 at least once, 2 exactly once.',
    kind: kind.choice([0, 1, 2], 'qos'),
    default: 1,
  }),
  mqttSessionExpiryS: setting({
    group: 'MQTT',
    description:
      'For how many seconds the broker keeps the session of a gateway that is away. It needs a client id. 0: the session ends with the connection; 4294967295: it never ends.',
    kind: kind.integer({ min: 0, max: 4_294_967_295, placeholder: 'seconds' }),
    default: ({ hasClientId }) => (hasClientId ? 3_600 : 0),
    defaultText: '3600 with a client id, otherwise 0',
  }),
  mqttQueueLimit: setting({
    group: 'MQTT',
    description:
      'How many messages the broker queues for the session of a gateway that is away, as it is configured there (Mosquitto: `max_queued_messages`). 0: all of them. With it, a resumed session whose queue brings fewer counts as complete, for devices that send at QoS 1 or 2; without it, nobody knows, and each interruption is told to clients as `SOURCE_INTERRUPTED` with the first message behind it, wherever messages are missing. It needs a client id, and a broker that answers a ping behind what it has queued, as Mosquitto does; others were not tried.',
    kind: kind.integer({ min: 0, max: Number.MAX_SAFE_INTEGER, placeholder: 'messages' }),
    default: undefined,
    defaultText: 'none; the limit is not known',
  }),
  mqttKeepAliveS: setting({
    group: 'MQTT',
    description:
      'After how many silent seconds the broker is asked for a sign of life. A broker that gives none is given up after one and a half times as long.',
    kind: kind.integer({ min: 1, max: 65_535, placeholder: 'seconds' }),
    default: 60,
  }),
  mqttRetained: setting({
    group: 'MQTT',
    description:
      'What becomes of the messages that the broker has retained and sends at the subscription: `deliver` delivers them, marked as `retained`; `state` keeps one as `lastMessage` of a device that has sent nothing since the start, and delivers none; `ignore` takes none, and asks an MQTT 5 broker for none. The availability topic is not concerned.',
    kind: kind.choice(['deliver', 'state', 'ignore'], 'what'),
    default: 'deliver',
  }),

  topics: setting({
    group: 'Topics and device ids',
    description:
      'Which topics to read: templates, separated by commas (as a library option: an array). `{deviceId}` is the level that names the device; the wildcards `+` (one level) and `#` (all further levels) may stand elsewhere.',
    kind: kind.list(
      // Whether {deviceId} may be missing depends on another setting, and is checked with that.
      kind.parsed('a topic template', 'topics', (text) =>
        parseTopicTemplate(text, { deviceIdRequired: false }),
      ),
      'topic templates such as devices/{deviceId}/messages',
    ),
    default: Object.freeze(['devices/{deviceId}/messages']),
  }),
  deviceIdPointer: setting({
    group: 'Topics and device ids',
    description:
      'Where in the payload the device id is, as a JSON pointer (RFC 6901) such as `/device_id`. With it the topics need no `{deviceId}`.',
    kind: kind.matching(
      'a JSON pointer such as /device_id, in which ~ is written ~0',
      'pointer',
      /^(?:\/(?:[^~/]|~[01])*)+$/,
    ),
    default: undefined,
    defaultText: 'none; the topic names the device',
  }),

  availabilityTopic: setting({
    group: 'Topics and device ids',
    description:
      'Where devices tell whether they are there, most of them by a last will: a topic template with `{deviceId}` such as `devices/{deviceId}/status`.',
    kind: kind.parsed('a topic template with {deviceId}', 'topic', (text) =>
      parseTopicTemplate(text),
    ),
    default: undefined,
    defaultText: 'none; nobody is asked',
  }),
  availabilityOnline: setting({
    group: 'Topics and device ids',
    description: 'The payload on that topic by which a device is online.',
    kind: kind.text('a payload', 'payload'),
    default: 'online',
  }),
  availabilityOffline: setting({
    group: 'Topics and device ids',
    description: 'The payload on that topic by which a device is offline.',
    kind: kind.text('a payload', 'payload'),
    default: 'offline',
  }),
  silenceTimeoutMs: setting({
    group: 'Topics and device ids',
    description:
      'After how many milliseconds without a message a device is offline. Without this and without an availability topic nobody says whether a device is online.',
    kind: kind.integer({ min: 1, max: Number.MAX_SAFE_INTEGER, placeholder: 'ms' }),
    default: undefined,
    defaultText: 'none; silence says nothing',
  }),

  queueSize: setting({
    group: 'Delivery',
    description:
      'How many messages may wait for one subscription whose client does not keep up. When so many wait, the overflow policy decides.',
    kind: kind.integer({ min: 1, max: 1_000_000, placeholder: 'messages' }),
    default: 100,
  }),
  overflow: setting({
    group: 'Delivery',
    description:
      'What a full queue does with the next message: `drop-newest` refuses it, `drop-oldest` makes room for it, `latest` keeps only the newest message of each device, `disconnect` ends the subscription. A subscription may choose for itself.',
    kind: kind.choice(['drop-newest', 'drop-oldest', 'latest', 'disconnect'], 'policy'),
    default: 'drop-newest',
  }),
  websocketCompression: setting({
    group: 'Delivery',
    description:
      'Whether WebSocket messages are compressed (permessage-deflate) for clients that offer it. A message is compressed once for all subscribers of one selection; each connection takes some 30 KiB more once its client has sent a compressed message.',
    kind: kind.choice(['off', 'on'], 'off|on'),
    default: 'off',
  }),
  keepAliveMs: setting({
    group: 'Delivery',
    description:
      'After how many milliseconds a quiet connection gets a sign of life. Many proxies cut at 60 seconds. A WebSocket that answers neither of two in a row is cut when the third is due.',
    kind: kind.integer({ min: 100, max: longestTimerMs, placeholder: 'ms' }),
    default: 25_000,
  }),
  shutdownDelayMs: setting({
    group: 'Delivery',
    description:
      'For how many milliseconds after the first signal to end everything is still served while `/ready` answers 503: as long as the load balancer takes to notice. Only then does the gateway take no more clients and drain the others. A second signal ends the process at once.',
    kind: kind.integer({ min: 0, max: longestTimerMs, placeholder: 'ms' }),
    default: 0,
  }),
  drainMs: setting({
    group: 'Delivery',
    description:
      'For how many milliseconds at most a gateway that is told to end writes out what is queued before it closes the connections. 0: it closes them at once.',
    kind: kind.integer({ min: 0, max: longestTimerMs, placeholder: 'ms' }),
    default: 10_000,
  }),

  historySize: setting({
    group: 'History',
    description:
      'How many messages of each device are kept, for subscribers that come back or ask for what was before. 0: none; messages of devices without a subscriber are then counted and not looked into.',
    kind: kind.integer({ min: 0, max: 1_000_000, placeholder: 'messages' }),
    default: 100,
  }),
  historyTtlMs: setting({
    group: 'History',
    description: 'For how many milliseconds a message is kept.',
    kind: kind.integer({ min: 1, max: Number.MAX_SAFE_INTEGER, placeholder: 'ms' }),
    default: 300_000,
  }),
  historyMaxBytes: setting({
    group: 'History',
    description:
      'How much memory the kept messages of all devices may take together, in bytes. When it is full, the oldest go, of whichever device they are.',
    kind: kind.integer({ min: 0, max: Number.MAX_SAFE_INTEGER, placeholder: 'bytes' }),
    default: 268_435_456,
  }),

  maxPayloadBytes: setting({
    group: 'Limits',
    description:
      'The longest payload of one MQTT message, in bytes. A longer message is rejected, counted and logged.',
    kind: kind.integer({ min: 1, max: largestMqttPacket, placeholder: 'bytes' }),
    default: defaultMaxPayloadBytes,
  }),
  mqttMaxPacketBytes: setting({
    group: 'Limits',
    description:
      'The longest packet that is taken from the MQTT broker, in bytes. An MQTT 5 broker is asked to keep longer ones away. Where one comes all the same, which is the only way over MQTT 3.1.1, the connection is cut before the packet is in memory, a persistent session is given up, and both are logged.',
    kind: kind.integer({ min: 1_024, max: largestMqttPacket, placeholder: 'bytes' }),
    default: ({ maxPayloadBytes = defaultMaxPayloadBytes }) =>
      Math.min(largestMqttPacket, maxPayloadBytes + 1_048_576),
    defaultText: 'the longest payload and 1 MiB',
  }),
  maxMessagesPerPayload: setting({
    group: 'Limits',
    description:
      'How many messages one MQTT payload may hold, as an array of objects or as newline-delimited JSON. A payload with more is rejected as a whole, counted and logged.',
    kind: kind.integer({ min: 1, max: 1_000_000, placeholder: 'messages' }),
    default: 1_000,
  }),
  maxDevices: setting({
    group: 'Limits',
    description:
      'How many device ids are kept in memory. A further device takes the place of one that has been silent for long enough; where none is found, its messages are rejected, counted and logged.',
    // A Map of V8 ends at 2^24 entries.
    kind: kind.integer({ min: 1, max: 16_000_000 }),
    default: 1_000_000,
  }),
  deviceTtlMs: setting({
    group: 'Limits',
    description:
      'A device that has been silent for longer than this makes room, in milliseconds: only when as many devices as `SLUICE_MAX_DEVICES` are known and a new one is heard, and never while somebody watches it. What was kept of it goes too.',
    kind: kind.integer({ min: 1, max: Number.MAX_SAFE_INTEGER, placeholder: 'ms' }),
    default: 86_400_000,
  }),
  maxDeviceIds: setting({
    group: 'Limits',
    description:
      'How many devices one subscription may name. More are refused with `BAD_USER_INPUT`.',
    kind: kind.integer({ min: 1, max: 1_000_000 }),
    default: 1_000,
  }),
  maxSubscriptionsPerConnection: setting({
    group: 'Limits',
    description:
      'How many subscriptions may be open on one connection. Further ones are refused with `LIMIT_EXCEEDED`.',
    kind: kind.integer({ min: 1, max: 1_000_000 }),
    default: 1_000,
  }),
  maxDevicesPerConnection: setting({
    group: 'Limits',
    description:
      'How many devices all subscriptions of one connection may name together. Further subscriptions are refused with `LIMIT_EXCEEDED`.',
    kind: kind.integer({ min: 1, max: 16_000_000 }),
    default: 100_000,
  }),
  maxSelectionsPerConnection: setting({
    group: 'Limits',
    description:
      'How many distinct selections of fields the subscriptions of one connection may use: a message is rendered once for each. Further ones are refused with `LIMIT_EXCEEDED`.',
    kind: kind.integer({ min: 1, max: 1_000_000 }),
    default: 16,
  }),
  maxSelections: setting({
    group: 'Limits',
    description:
      'How many distinct selections of fields the subscriptions of all connections may use. With one more, the connection that uses most of them is ended.',
    kind: kind.integer({ min: 1, max: 1_000_000 }),
    default: 512,
  }),
  maxAnswerFields: setting({
    group: 'Limits',
    description:
      'How many values one operation may resolve: the fields of each device and of each message count. An operation that asks for more is answered with `LIMIT_EXCEEDED` alone. With 30,000 the event loop is held for some 50 ms.',
    kind: kind.integer({ min: 1_000, max: 100_000_000 }),
    default: 30_000,
  }),
  maxAnswerBytes: setting({
    group: 'Limits',
    description:
      'The longest answer of one operation, in bytes. An operation that asks for more is answered with `LIMIT_EXCEEDED` alone.',
    kind: kind.integer({ min: 65_536, max: 268_435_456, placeholder: 'bytes' }),
    default: 4_194_304,
  }),
  maxUnreadBytes: setting({
    group: 'Limits',
    description:
      'The memory of answers that their clients have not read yet, of all clients together, in bytes. With more, the connection that holds most of it is ended.',
    kind: kind.integer({ min: 1_048_576, max: Number.MAX_SAFE_INTEGER, placeholder: 'bytes' }),
    default: 33_554_432,
  }),
  maxIncomingBytes: setting({
    group: 'Limits',
    description:
      'The memory of requests and WebSocket messages that are still arriving or waiting for their turn, of all clients together, in bytes. With more, the connection that holds most of it is ended.',
    kind: kind.integer({ min: 1_048_576, max: Number.MAX_SAFE_INTEGER, placeholder: 'bytes' }),
    default: 67_108_864,
  }),
  headTimeoutMs: setting({
    group: 'Limits',
    description:
      'Within how many milliseconds the head of a request has to arrive. A connection that takes longer is closed; they are looked at every 5 seconds.',
    kind: kind.integer({ min: 100, max: longestTimerMs, placeholder: 'ms' }),
    default: 10_000,
  }),
  requestTimeoutMs: setting({
    group: 'Limits',
    description:
      'Within how many milliseconds a whole request has to arrive, its body included, and about twice that for a message on a WebSocket. A connection that takes longer is closed; they are looked at every 5 seconds.',
    kind: kind.integer({ min: 100, max: longestTimerMs, placeholder: 'ms' }),
    default: 30_000,
  }),
  maxReservations: setting({
    group: 'Limits',
    description:
      'How many reservations of the single connection mode may wait for their stream. With one more, the oldest of the address that has most makes room.',
    kind: kind.integer({ min: 1, max: 1_000_000 }),
    default: 1_000,
  }),
  maxConnections: setting({
    group: 'Limits',
    description:
      "How many connections may be open, of any kind. With one more, the address that has most of them loses one that carries nothing, or else its oldest; when that address is the newcomer's own and all of them are in use, the newcomer is refused: over HTTP with status 503, over WebSocket with close code 1013. `sluice serve` lowers it where the limit of open files leaves less room, and says so in its log (Linux).",
    kind: kind.integer({ min: 1, max: 1_000_000 }),
    default: 100_000,
  }),
  maxRequestBytes: setting({
    group: 'Limits',
    description:
      'The longest body of a POST and the longest message on a WebSocket, in bytes. Longer ones are refused: over HTTP with status 413, over WebSocket with close code 1009.',
    kind: kind.integer({ min: 1_024, max: 268_435_456, placeholder: 'bytes' }),
    default: 1_048_576,
  }),

  logLevel: setting({
    group: 'Logging',
    description: 'What is logged: this level and the more urgent ones. `silent`: nothing.',
    kind: kind.choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], 'level'),
    default: 'info',
  }),
  logFormat: setting({
    group: 'Logging',
    description:
      'How it is logged: `pretty` for people, `json` for programs (one object on each line).',
    kind: kind.choice(['pretty', 'json'], 'format'),
    default: ({ onTerminal }) => (onTerminal ? 'pretty' : 'json'),
    defaultText: 'pretty on a terminal, json elsewhere',
  }),
};

export type SettingName = keyof typeof definitions;
export const settingNames: readonly SettingName[] = Object.keys(definitions).filter(isSettingName);

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(definitions, name);
}

/** `mqttSessionExpiryS` as an environment variable: `SLUICE_MQTT_SESSION_EXPIRY_S`. */
export function variableOf(name: SettingName): string {
  return `SLUICE_${wordsOf(name).join('_').toUpperCase()}`;
}

/** Its default for a person. */
export function defaultOf(name: SettingName): string {
  return defaultTextOf(definitions[name]) ?? 'none';
}

function setting<Value, const Default extends Value | undefined>(
  definition: Setting<Value, Default>,
): Setting<Value, Default> {
  return definition;
}
