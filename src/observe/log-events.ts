export const logLevels = ['debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof logLevels)[number];

/** The catalogue's entry for one event. */
export interface LogEventEntry {
  /** The levels of its lines. More than one when the level depends on the fields. */
  readonly levels: readonly LogLevel[];
  /** The names of the fields that a line may have besides `event` and its text. */
  readonly fields: readonly string[];
  /** At most one line per 10 s is written; its field `count` is the number of events that it stands for. */
  readonly isRepeated?: true;
  readonly meaning: string;
  /** What an operator should do. The empty string: nothing. */
  readonly advice: string;
}

/**
 * The events of the log: every line has one of these names in its field `event`. This
 * is the only catalogue: `Logger` accepts no other events and fields, and `docs/log.md`
 * is generated from it. The meaning of a released name never changes.
 */
export const logEvents = {
  'gateway.listening': {
    levels: ['info'],
    fields: ['url'],
    meaning: 'The HTTP port is open. The MQTT broker may not be connected yet.',
    advice: '',
  },
  'gateway.ready': {
    levels: ['info'],
    fields: ['version', 'url', 'mqtt', 'topics'],
    meaning:
      'The gateway accepts clients. The MQTT broker is connected and has granted every subscription for the first time.',
    advice: 'If this line does not appear, the `mqtt.*` lines say why.',
  },
  'gateway.open_files_low': {
    levels: ['warn'],
    fields: ['maxOpenFiles', 'maxConnections'],
    meaning:
      'The operating system lets the process open fewer files and sockets than `SLUICE_MAX_CONNECTIONS` needs. At most `maxConnections` connections are accepted.',
    advice:
      'Raise the limit (`ulimit -n`; `LimitNOFILE` of systemd; `ulimits` of Docker), or lower `SLUICE_MAX_CONNECTIONS`.',
  },
  'gateway.closing': {
    levels: ['info'],
    fields: ['signal', 'delayMs'],
    meaning:
      'A signal ends the gateway. For `delayMs` (`SLUICE_SHUTDOWN_DELAY_MS`), `/ready` answers 503. The gateway then accepts no more clients and drains the others.',
    advice: 'A second signal ends the process at once.',
  },
  'gateway.closed': {
    levels: ['info'],
    fields: [
      'connections',
      'connectionsCut',
      'requestsCut',
      'subscriptionsEnded',
      'messagesNotDelivered',
      'durationMs',
    ],
    meaning:
      'Everything is closed. `connections`: the connections that were open when the gateway began to close. `connectionsCut`: those that were still open after `SLUICE_DRAIN_MS`. `requestsCut`: the other HTTP requests that were still open then. `messagesNotDelivered`: the messages that were queued for the subscriptions that ended.',
    advice:
      'If connections are cut at every restart, their clients read too slowly for `SLUICE_DRAIN_MS`. They get the missing messages when they resume by position.',
  },
  'gateway.close_failed': {
    levels: ['fatal'],
    fields: ['err'],
    meaning: 'The gateway could not shut down cleanly. The process ends with exit code 1.',
    advice: 'Report it, with the stack.',
  },
  'gateway.crashed': {
    levels: ['fatal'],
    fields: ['err'],
    meaning: 'An unexpected error ends the gateway. The process ends with exit code 1.',
    advice: 'Report it, with the stack. Let the supervisor start the gateway again.',
  },
  'gateway.start_failed': {
    levels: ['debug'],
    fields: ['err'],
    meaning:
      'The gateway could not start. Standard error shows the reason; this line has the stack.',
    advice: '',
  },
  'gateway.output_unread': {
    levels: ['debug'],
    fields: ['err'],
    meaning: 'Nobody reads the welcome text on standard output.',
    advice: '',
  },
  'setting.unknown': {
    levels: ['warn'],
    fields: ['variable'],
    meaning: 'An environment variable begins with `SLUICE_` and is not a setting.',
    advice: 'Correct its name, or remove it.',
  },
  'log.lines_dropped': {
    levels: ['warn'],
    fields: ['dropped', 'reason'],
    meaning:
      '`dropped` is the number of lines that were not written since the last such line. `RATE`: there were more than 50 per second. `UNREAD`: standard error accepted no more, or failed.',
    advice:
      '`RATE`: look at which events are frequent. `UNREAD`: check the program that reads the log, and its disk. `brokerStats.logLinesDropped` is the total.',
  },
  'mqtt.connected': {
    levels: ['info'],
    fields: ['mqtt', 'protocol', 'filters'],
    isRepeated: true,
    meaning: 'The MQTT broker is connected and has granted every subscription.',
    advice: '',
  },
  'mqtt.resumed': {
    levels: ['info'],
    fields: ['mqtt', 'protocol', 'filters'],
    isRepeated: true,
    meaning: 'The MQTT broker is connected again and has kept the session.',
    advice: '',
  },
  'mqtt.connection_failed': {
    levels: ['warn'],
    fields: ['mqtt', 'code', 'problem'],
    isRepeated: true,
    meaning:
      'An attempt to connect to the MQTT broker has failed. `problem` is the message of the network or of the broker. The gateway keeps trying.',
    advice:
      '`ECONNREFUSED`, `ENOTFOUND`, `ETIMEDOUT`: check `SLUICE_MQTT_URL` and the network. `not authorized`: check the user name and the password. A TLS error: check `SLUICE_MQTT_CA_FILE`.',
  },
  'mqtt.attempt_failed': {
    levels: ['error'],
    fields: ['mqtt', 'code', 'problem'],
    isRepeated: true,
    meaning:
      'The gateway could not try to connect to the MQTT broker, for example because a certificate file is missing. It keeps trying.',
    advice: 'Make the file that `problem` names readable again.',
  },
  'mqtt.connection_lost': {
    levels: ['warn'],
    fields: ['mqtt'],
    isRepeated: true,
    meaning: 'The connection to the MQTT broker was lost. The gateway reconnects.',
    advice:
      '`mqtt.interrupted` follows when the connection is back, and says which devices may have lost messages.',
  },
  'mqtt.disconnected': {
    levels: ['warn'],
    fields: ['mqtt', 'reasonCode'],
    isRepeated: true,
    meaning: 'The MQTT broker has ended the connection and said why (MQTT 5).',
    advice:
      'Look up the reason code in the MQTT 5 specification, and look at the log of the broker.',
  },
  'mqtt.client_id_in_use': {
    levels: ['warn'],
    fields: ['mqtt', 'clientId', 'problem'],
    isRepeated: true,
    meaning:
      'Another client seems to use the same MQTT client id: the MQTT broker has said so (MQTT 5, reason code 142), or three connections in a row were lost within 10 s each. The gateway waits longer before each reconnection, up to 30 s.',
    advice:
      'Give each gateway its own `SLUICE_MQTT_CLIENT_ID`. If no other client has it, the broker or the network is not stable.',
  },
  'mqtt.no_session': {
    levels: ['info'],
    fields: ['mqtt'],
    meaning:
      'No client id is set, so the MQTT broker keeps no session for the gateway: messages that are published while the gateway is disconnected are lost. Clients get a gap `SOURCE_INTERRUPTED`.',
    advice: 'Set `SLUICE_MQTT_CLIENT_ID` so that short interruptions lose no messages.',
  },
  'mqtt.interrupted': {
    levels: ['warn'],
    fields: ['mqtt', 'awayMs', 'session', 'concerned'],
    isRepeated: true,
    meaning:
      'The connection to the MQTT broker is back after `awayMs`, and messages may be lost. `session`: `kept`, `lost`, or `none` without a client id. `concerned`: `all` devices, or only those that send at QoS 0 (`at-most-once`), because the session was kept and `SLUICE_MQTT_QUEUE_LIMIT` is set. The next message of each of them has a gap `SOURCE_INTERRUPTED`.',
    advice:
      'See [an interruption of the source](delivery-semantics.md#an-interruption-of-the-source).',
  },
  'mqtt.session_lost': {
    levels: ['warn'],
    fields: ['mqtt'],
    isRepeated: true,
    meaning:
      'The MQTT broker has not kept the session of `SLUICE_MQTT_CLIENT_ID`. The messages that it had queued are lost.',
    advice:
      'Let the broker keep sessions on disk (Mosquitto: `persistence true`), and raise `SLUICE_MQTT_SESSION_EXPIRY_S` if the gateway was away for longer.',
  },
  'mqtt.queue_full': {
    levels: ['warn'],
    fields: ['mqtt', 'queueLimit'],
    isRepeated: true,
    meaning:
      'A resumed session has delivered as many messages as `SLUICE_MQTT_QUEUE_LIMIT`, so the MQTT broker may have dropped others. The next message of each device has a gap `SOURCE_INTERRUPTED`.',
    advice: "Raise the broker's limit (Mosquitto: `max_queued_messages`), and the setting with it.",
  },
  'mqtt.queue_complete': {
    levels: ['info'],
    fields: ['mqtt', 'received'],
    isRepeated: true,
    meaning:
      'The queue of a resumed session had at most `received` messages, fewer than `SLUICE_MQTT_QUEUE_LIMIT`: devices that send at QoS 1 or 2 have lost no messages.',
    advice: '',
  },
  'mqtt.qos_lowered': {
    levels: ['warn'],
    fields: ['mqtt', 'filter', 'asked', 'granted'],
    isRepeated: true,
    meaning:
      'The MQTT broker has granted a lower QoS than `SLUICE_MQTT_QOS`. At QoS 0 no session keeps messages while the gateway is away.',
    advice: 'Raise the QoS that the broker allows, or lower the setting to the granted QoS.',
  },
  'mqtt.protocol_changed': {
    levels: ['info'],
    fields: ['mqtt', 'protocol'],
    isRepeated: true,
    meaning: 'The MQTT broker has refused the protocol version. The gateway tries the other one.',
    advice: '',
  },
  'mqtt.subscription_refused': {
    levels: ['error'],
    fields: ['mqtt', 'filter', 'code', 'problem'],
    isRepeated: true,
    meaning: 'The MQTT broker has refused a subscription. The gateway reconnects and tries again.',
    advice: "Give the gateway's user the right to read `filter`, or change `SLUICE_TOPICS`.",
  },
  'mqtt.left_subscription_ended': {
    levels: ['warn'],
    fields: ['mqtt', 'topic', 'filters'],
    meaning:
      'A message on `topic` came from a subscription that the persistent session still had of an earlier configuration. The gateway has ended the subscriptions to `filters`. Messages that the MQTT broker had queued for them may still arrive.',
    advice: '',
  },
  'mqtt.left_subscription_unknown': {
    levels: ['warn'],
    fields: ['mqtt', 'topic', 'tried', 'problem'],
    meaning:
      'A message on `topic` came from a subscription that the persistent session still has of an earlier configuration. The gateway has tried to end `tried` filters that match it. `problem`: none of them existed, or the MQTT broker does not say whether one did (MQTT 3.1.1).',
    advice:
      'If the count of `UNWANTED_TOPIC` in `messagesRejectedByReason` keeps growing, see [topics that are no longer wanted still come](troubleshooting.md#topics-that-are-no-longer-wanted-still-come).',
  },
  'mqtt.packet_too_long': {
    levels: ['error'],
    fields: ['mqtt', 'bytes', 'maxPacketBytes'],
    isRepeated: true,
    meaning:
      'The MQTT broker sent a packet that is longer than `SLUICE_MQTT_MAX_PACKET_BYTES`. The connection was closed. A persistent session is discarded, because it would deliver the packet again.',
    advice:
      'See [the MQTT connection is cut](troubleshooting.md#the-mqtt-connection-is-cut-at-sluice_mqtt_max_packet_bytes).',
  },
  'ingest.rejected': {
    levels: ['warn'],
    fields: ['reason', 'topic', 'count'],
    meaning:
      'Messages were rejected. One line per reason and 10 s, with their number and the topic of the last one.',
    advice: 'See [messages are rejected](troubleshooting.md#messages-are-rejected).',
  },
  'device.forgotten': {
    levels: ['info'],
    fields: ['deviceId', 'count'],
    meaning:
      'Devices that were silent for longer than `SLUICE_DEVICE_TTL_MS` were forgotten to make room for new ones, because `SLUICE_MAX_DEVICES` were known. One line per 10 s, with their number and the id of the last one.',
    advice: 'If devices do come back, raise `SLUICE_MAX_DEVICES`.',
  },
  'subscription.dropped': {
    levels: ['warn'],
    fields: ['who', 'reason', 'overflow', 'maxQueued', 'dropped'],
    meaning:
      'A client has lost messages. One line per connection, reason and 10 s, with the sum over its subscriptions; `overflow` and `maxQueued` are those of the last one. `QUEUE_OVERFLOW`: it reads too slowly. `HISTORY_EXPIRED`: the messages after its position were no longer kept.',
    advice: 'See [messages are dropped](troubleshooting.md#messages-are-dropped).',
  },
  'subscription.ended': {
    levels: ['debug', 'warn', 'error'],
    fields: ['who', 'reason', 'devices', 'dropped', 'err'],
    meaning:
      'A subscription has ended. `SLOW_CONSUMER` is a warning, `INTERNAL_ERROR` an error with its stack, every other reason is logged at `debug`.',
    advice: '`INTERNAL_ERROR`: report it, with the stack.',
  },
  'subscription.end_untold': {
    levels: ['error'],
    fields: ['who', 'err'],
    meaning: 'The gateway could not tell a client that its subscription ended.',
    advice: 'Report it, with the stack.',
  },
  'connection.unanswered': {
    levels: ['info'],
    fields: ['who'],
    isRepeated: true,
    meaning: 'A WebSocket client did not answer two pings in a row. Its connection was closed.',
    advice: 'Usually the client has lost its network.',
  },
  'connection.unread': {
    levels: ['warn'],
    fields: ['who', 'waitingBytes'],
    isRepeated: true,
    meaning: 'A client sent requests and did not read the answers. Its connection was closed.',
    advice: 'If it is always the same client, it is broken or hostile.',
  },
  'connection.failed': {
    levels: ['debug'],
    fields: ['who', 'err'],
    meaning: 'A WebSocket client violated the protocol, or its connection failed.',
    advice: '',
  },
  'connection.refused': {
    levels: ['warn'],
    fields: ['who', 'maxConnections'],
    isRepeated: true,
    meaning:
      'The maximum number of connections was open. This one was refused, or ended to make room for another.',
    advice:
      'See [`connections`](troubleshooting.md#a-request-or-a-connection-is-refused-limit_exceeded-429-503-431-408-413).',
  },
  'connection.ended_for_others': {
    levels: ['info'],
    fields: ['who', 'reason', 'bytes', 'selections'],
    isRepeated: true,
    meaning:
      'A resource that all connections share was used up. This connection held most of it, and was ended or refused more. `reason` is a value of `brokerStats.requestsRefusedByReason`.',
    advice:
      'If legitimate clients are ended, raise the limit that the reason names: [configuration](configuration.md), section Limits.',
  },
  'request.refused': {
    levels: ['warn'],
    fields: ['reason', 'count'],
    meaning:
      'Requests were refused because of the origin of their page or the host name that they were sent to. One line per reason and 10 s; its text says what to set.',
    advice: 'See [which pages may read](security.md#which-pages-may-read).',
  },
  'document.failed': {
    levels: ['error'],
    fields: ['err'],
    meaning: 'A GraphQL document could not be checked because of a fault in the gateway.',
    advice: 'Report it, with the stack.',
  },
  'request.failed': {
    levels: ['debug', 'error'],
    fields: ['path', 'who', 'err'],
    meaning:
      'An HTTP request could not be handled. At `debug`: its client disconnected while it was sending.',
    advice: 'At `error`: report it, with the stack.',
  },
  'operation.failed': {
    levels: ['error'],
    fields: ['who', 'err'],
    meaning:
      'A GraphQL operation has failed because of a fault in the gateway. Its client got `INTERNAL_SERVER_ERROR`.',
    advice: 'Report it, with the stack.',
  },
  'embedded.client_failed': {
    levels: ['debug'],
    fields: ['clientId', 'err'],
    meaning:
      'A client of the embedded MQTT broker violated the protocol, or its connection failed.',
    advice: '',
  },
  'embedded.failed': {
    levels: ['error'],
    fields: ['err'],
    isRepeated: true,
    meaning: 'The embedded MQTT broker has failed, or cannot accept a connection.',
    advice: '`EMFILE`: raise the limit of open files.',
  },
  'simulator.disconnected': {
    levels: ['debug'],
    fields: ['err'],
    meaning: 'The simulated devices have lost the connection to their MQTT broker.',
    advice: '',
  },
} as const satisfies Record<string, LogEventEntry>;

type Catalogue = typeof logEvents;
export type LogEvent = keyof Catalogue;
export const logEventNames = Object.keys(logEvents) as readonly LogEvent[];

type EventAt<Level extends LogLevel> = {
  [Event in LogEvent]: Level extends Catalogue[Event]['levels'][number] ? Event : never;
}[LogEvent];

/** The fields of a line of this level: its event, which MUST be present, and the fields of that event. */
export type LogFields<Level extends LogLevel> = {
  [Event in EventAt<Level>]: { readonly event: Event } & {
    readonly [Field in Catalogue[Event]['fields'][number]]?: unknown;
  };
}[EventAt<Level>];

export function entryOf(event: LogEvent): LogEventEntry {
  return logEvents[event];
}
