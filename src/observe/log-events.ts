export const logLevels = ['debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof logLevels)[number];

/** What the catalogue says of one event. */
export interface LogEventEntry {
  /** More than one where the fields decide. */
  readonly levels: readonly LogLevel[];
  /** The names of what a line may carry beside `event` and its text. */
  readonly fields: readonly string[];
  /** One line per 10 s, which says in `count` how many it stands for. */
  readonly isRepeated?: true;
  readonly meaning: string;
  /** What an operator does about it. The empty string: nothing. */
  readonly advice: string;
}

/**
 * Every line of the log has one of these in its field `event`. One catalogue:
 * `Logger` takes no other events and fields, and `docs/log.md` is generated
 * from it. A name that was once released is never given another meaning.
 */
export const logEvents = {
  'gateway.listening': {
    levels: ['info'],
    fields: ['url'],
    meaning: 'The HTTP port is open. The MQTT broker may still be away.',
    advice: '',
  },
  'gateway.ready': {
    levels: ['info'],
    fields: ['version', 'url', 'mqtt', 'topics'],
    meaning:
      'Clients can come, and the MQTT broker is connected and has granted every subscription for the first time.',
    advice: 'If it does not come, the `mqtt.*` lines before it say why.',
  },
  'gateway.open_files_low': {
    levels: ['warn'],
    fields: ['maxOpenFiles', 'maxConnections'],
    meaning:
      'The operating system lets the process open fewer files and sockets than `SLUICE_MAX_CONNECTIONS` needs. No more than `maxConnections` connections are taken.',
    advice:
      'Raise the limit (`ulimit -n`; `LimitNOFILE` of systemd; `ulimits` of Docker), or lower `SLUICE_MAX_CONNECTIONS`.',
  },
  'gateway.closing': {
    levels: ['info'],
    fields: ['signal', 'delayMs'],
    meaning:
      'A signal ends the gateway. After `delayMs` (`SLUICE_SHUTDOWN_DELAY_MS`), in which `/ready` answers 503, it takes no more clients and drains the others.',
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
      'Everything is closed. `connections` were open when it began to close; `connectionsCut` of them, and `requestsCut` other HTTP requests, were still there after `SLUICE_DRAIN_MS`. `messagesNotDelivered` were queued for the subscriptions that ended.',
    advice:
      'If connections are cut at every restart, their clients read too slowly for `SLUICE_DRAIN_MS`. They get what was not delivered when they resume by position.',
  },
  'gateway.close_failed': {
    levels: ['fatal'],
    fields: ['err'],
    meaning: 'The gateway could not close in order. The process ends with exit code 1.',
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
      'The gateway could not start. Standard error has the reason in words; this line has the stack.',
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
      'So many lines were not written since the last such line. `RATE`: there were more than 50 a second. `UNREAD`: standard error took no more, or failed.',
    advice:
      '`RATE`: see which events are frequent. `UNREAD`: look at what reads the log, and at its disk. `brokerStats.logLinesDropped` has the sum.',
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
      'An attempt to connect to the MQTT broker has failed, in the words of the network or of the broker. The gateway goes on trying.',
    advice:
      '`ECONNREFUSED`, `ENOTFOUND`, `ETIMEDOUT`: check `SLUICE_MQTT_URL` and the network. `not authorized`: check the user name and the password. TLS words: check `SLUICE_MQTT_CA_FILE`.',
  },
  'mqtt.attempt_failed': {
    levels: ['error'],
    fields: ['mqtt', 'code', 'problem'],
    isRepeated: true,
    meaning:
      'A connection to the MQTT broker could not even be tried, for example because a certificate file is gone. The gateway goes on trying.',
    advice: 'Make the file that `problem` names readable again.',
  },
  'mqtt.connection_lost': {
    levels: ['warn'],
    fields: ['mqtt'],
    isRepeated: true,
    meaning: 'The connection to the MQTT broker was lost. The gateway connects again.',
    advice: '`mqtt.interrupted` follows when it is back, and says what that has cost.',
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
      'Another client seems to use the same MQTT client id: the MQTT broker has said so (MQTT 5, reason code 142), or three connections in a row were lost within 10 s each. The gateway waits longer and longer before it connects again, up to 30 s.',
    advice:
      'Give each gateway its own `SLUICE_MQTT_CLIENT_ID`. If no other client has it, the broker or the network is not stable.',
  },
  'mqtt.no_session': {
    levels: ['info'],
    fields: ['mqtt'],
    meaning:
      'No client id is set, so that the MQTT broker keeps nothing for the gateway: what is published while the connection is away is lost, and told as `SOURCE_INTERRUPTED`.',
    advice: 'Set `SLUICE_MQTT_CLIENT_ID` if short interruptions shall cost nothing.',
  },
  'mqtt.interrupted': {
    levels: ['warn'],
    fields: ['mqtt', 'awayMs', 'session', 'concerned'],
    isRepeated: true,
    meaning:
      'The connection to the MQTT broker is back after `awayMs`, and messages may be lost. `session`: `kept`, `lost`, or `none` without a client id. `concerned`: `all` devices, or only those that send at QoS 0 (`at-most-once`), since the session was kept and `SLUICE_MQTT_QUEUE_LIMIT` is set. The next message of each of them has a gap `SOURCE_INTERRUPTED`.',
    advice:
      'See [an interruption of the source](delivery-semantics.md#an-interruption-of-the-source).',
  },
  'mqtt.session_lost': {
    levels: ['warn'],
    fields: ['mqtt'],
    isRepeated: true,
    meaning:
      'The MQTT broker has not kept the session of `SLUICE_MQTT_CLIENT_ID`, and with it lost what it had queued.',
    advice:
      'Let the broker keep sessions on disk (Mosquitto: `persistence true`), and raise `SLUICE_MQTT_SESSION_EXPIRY_S` if the gateway was away for longer.',
  },
  'mqtt.queue_full': {
    levels: ['warn'],
    fields: ['mqtt', 'queueLimit'],
    isRepeated: true,
    meaning:
      'A resumed session has brought as many messages as `SLUICE_MQTT_QUEUE_LIMIT`, so the MQTT broker may have dropped others. The next message of each device has a gap `SOURCE_INTERRUPTED`.',
    advice: "Raise the broker's limit (Mosquitto: `max_queued_messages`), and the setting with it.",
  },
  'mqtt.queue_complete': {
    levels: ['info'],
    fields: ['mqtt', 'received'],
    isRepeated: true,
    meaning:
      'The queue of a resumed session has ended below `SLUICE_MQTT_QUEUE_LIMIT`, after at most so many messages: of devices that send at QoS 1 or 2 nothing was lost.',
    advice: '',
  },
  'mqtt.qos_lowered': {
    levels: ['warn'],
    fields: ['mqtt', 'filter', 'asked', 'granted'],
    isRepeated: true,
    meaning:
      'The MQTT broker has granted a lower QoS than `SLUICE_MQTT_QOS`. At QoS 0 no session keeps messages while the gateway is away.',
    advice: 'Raise what the broker allows, or lower the setting so that it says what is the case.',
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
    meaning:
      'The MQTT broker has refused a subscription. The gateway connects anew and tries again.',
    advice: "Give the gateway's user the right to read `filter`, or change `SLUICE_TOPICS`.",
  },
  'mqtt.left_subscription_ended': {
    levels: ['warn'],
    fields: ['mqtt', 'topic', 'filters'],
    meaning:
      'A message on `topic` came from a subscription that the persistent session still had of an earlier configuration. The gateway has ended the subscriptions to `filters`. What the MQTT broker had queued for them may still come.',
    advice: '',
  },
  'mqtt.left_subscription_unknown': {
    levels: ['warn'],
    fields: ['mqtt', 'topic', 'tried', 'problem'],
    meaning:
      'A message on `topic` came from a subscription that the persistent session still has of an earlier configuration. The gateway has tried to end `tried` filters that match it. `problem`: none of them existed, or the MQTT broker does not say whether one did (MQTT 3.1.1).',
    advice:
      'If `messagesRejectedByReason` goes on to count `UNWANTED_TOPIC`, see [topics that are no longer wanted still come](troubleshooting.md#topics-that-are-no-longer-wanted-still-come).',
  },
  'mqtt.packet_too_long': {
    levels: ['error'],
    fields: ['mqtt', 'bytes', 'maxPacketBytes'],
    isRepeated: true,
    meaning:
      'The MQTT broker sent a longer packet than `SLUICE_MQTT_MAX_PACKET_BYTES`. The connection was cut; a persistent session is given up, since it would bring the packet again.',
    advice:
      'See [the MQTT connection is cut](troubleshooting.md#the-mqtt-connection-is-cut-at-sluice_mqtt_max_packet_bytes).',
  },
  'ingest.rejected': {
    levels: ['warn'],
    fields: ['reason', 'topic', 'count'],
    meaning:
      'Messages were rejected. One line per reason and 10 s, with how many there were and the topic of the last one.',
    advice: 'See [messages are rejected](troubleshooting.md#messages-are-rejected).',
  },
  'device.forgotten': {
    levels: ['info'],
    fields: ['deviceId', 'count'],
    meaning:
      'Devices that were silent for longer than `SLUICE_DEVICE_TTL_MS` made room for new ones, since `SLUICE_MAX_DEVICES` were known. One line per 10 s, with how many there were and the last one.',
    advice: 'If devices do come back, raise `SLUICE_MAX_DEVICES`.',
  },
  'subscription.dropped': {
    levels: ['warn'],
    fields: ['who', 'reason', 'overflow', 'maxQueued', 'dropped'],
    meaning:
      'A client has lost messages. One line per connection, reason and 10 s, with the sum over its subscriptions; `overflow` and `maxQueued` are those of the last one. `QUEUE_OVERFLOW`: it reads too slowly. `HISTORY_EXPIRED`: what it came back for was not kept any more.',
    advice: 'See [messages are dropped](troubleshooting.md#messages-are-dropped).',
  },
  'subscription.ended': {
    levels: ['debug', 'warn', 'error'],
    fields: ['who', 'reason', 'devices', 'dropped', 'err'],
    meaning:
      'A subscription has ended. `SLOW_CONSUMER` is a warning, `INTERNAL_ERROR` an error with its stack, every other reason is told at `debug`.',
    advice: '`INTERNAL_ERROR`: report it, with the stack.',
  },
  'subscription.end_untold': {
    levels: ['error'],
    fields: ['who', 'err'],
    meaning: 'The end of a subscription could not be told to its client.',
    advice: 'Report it, with the stack.',
  },
  'connection.unanswered': {
    levels: ['info'],
    fields: ['who'],
    isRepeated: true,
    meaning: 'A WebSocket client did not answer two pings in a row and was given up.',
    advice: 'Usually the client has lost its network.',
  },
  'connection.unread': {
    levels: ['warn'],
    fields: ['who', 'waitingBytes'],
    isRepeated: true,
    meaning: 'A client made the gateway answer, did not read, and was given up.',
    advice: 'If it is always the same client, it is broken or hostile.',
  },
  'connection.failed': {
    levels: ['debug'],
    fields: ['who', 'err'],
    meaning: 'A WebSocket client broke the protocol or the connection.',
    advice: '',
  },
  'connection.refused': {
    levels: ['warn'],
    fields: ['who', 'maxConnections'],
    isRepeated: true,
    meaning:
      'As many connections were open as there may be. This one was refused, or ended to make room for another.',
    advice:
      'See [`connections`](troubleshooting.md#a-request-or-a-connection-is-refused-limit_exceeded-429-503-431-408-413).',
  },
  'connection.ended_for_others': {
    levels: ['info'],
    fields: ['who', 'reason', 'bytes', 'selections'],
    isRepeated: true,
    meaning:
      'Something that all connections share was used up, and this one, which held most of it, was ended or refused more. `reason` is that of `brokerStats.requestsRefusedByReason`.',
    advice:
      'If clients that are not hostile are ended, raise the limit that the reason names: [configuration](configuration.md), section Limits.',
  },
  'request.refused': {
    levels: ['warn'],
    fields: ['reason', 'count'],
    meaning:
      'Requests were refused for the page or the host name that they came by. One line per reason and 10 s; its text says what to set.',
    advice: 'See [which pages may read](security.md#which-pages-may-read).',
  },
  'document.failed': {
    levels: ['error'],
    fields: ['err'],
    meaning: 'A GraphQL document could not be checked, by a fault of the gateway.',
    advice: 'Report it, with the stack.',
  },
  'request.failed': {
    levels: ['debug', 'error'],
    fields: ['path', 'who', 'err'],
    meaning:
      'An HTTP request could not be handled. At `debug` its client has gone while it was sending.',
    advice: 'At `error`: report it, with the stack.',
  },
  'operation.failed': {
    levels: ['error'],
    fields: ['who', 'err'],
    meaning:
      'A GraphQL operation has failed by a fault of the gateway. Its client was told `INTERNAL_SERVER_ERROR`.',
    advice: 'Report it, with the stack.',
  },
  'embedded.client_failed': {
    levels: ['debug'],
    fields: ['clientId', 'err'],
    meaning: 'A client of the embedded MQTT broker broke the protocol or the connection.',
    advice: '',
  },
  'embedded.failed': {
    levels: ['error'],
    fields: ['err'],
    isRepeated: true,
    meaning: 'The embedded MQTT broker has failed, or cannot take a connection.',
    advice: '`EMFILE`: raise the limit of open files.',
  },
  'simulator.disconnected': {
    levels: ['debug'],
    fields: ['err'],
    meaning: 'The simulated devices have lost their broker.',
    advice: '',
  },
} as const satisfies Record<string, LogEventEntry>;

type Catalogue = typeof logEvents;
export type LogEvent = keyof Catalogue;
export const logEventNames = Object.keys(logEvents) as readonly LogEvent[];

type EventAt<Level extends LogLevel> = {
  [Event in LogEvent]: Level extends Catalogue[Event]['levels'][number] ? Event : never;
}[LogEvent];

/** What a line of that level may carry: its event, which MUST be there, and the fields of that event. */
export type LogFields<Level extends LogLevel> = {
  [Event in EventAt<Level>]: { readonly event: Event } & {
    readonly [Field in Catalogue[Event]['fields'][number]]?: unknown;
  };
}[EventAt<Level>];

export function entryOf(event: LogEvent): LogEventEntry {
  return logEvents[event];
}
