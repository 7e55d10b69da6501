// Written by `npm run codegen` from the definitions of the settings, `setting.ts`.

/** The settings to choose; those that are left out or undefined have their defaults. */
export interface GatewayOptions {
  /**
   * The address that the gateway listens on. `0.0.0.0` or `::` takes connections from other
   * machines; which pages may then read is said by `SLUICE_ALLOWED_ORIGINS` and
   * `SLUICE_ALLOWED_HOSTS`.
   *
   * It takes a host name or an IP address.
   * @defaultValue `127.0.0.1`
   */
  readonly host?: string | undefined;
  /**
   * The TCP port of everything over HTTP and WebSocket. 0: any free port.
   *
   * It takes a whole number from 0 to 65535.
   * @defaultValue `4000`
   */
  readonly port?: number | undefined;
  /**
   * The other origins whose pages may read, separated by commas (as a library option: an
   * array): scheme, host and port as in the address bar. `*`: pages of any origin. A page of
   * the gateway's own address may always read, and while the gateway listens on a loopback
   * address, so may every page of this machine. Other pages are refused with status 403
   * (`FORBIDDEN`). Programs, which send no `Origin`, are not affected.
   *
   * It takes origins such as https://dashboard.example or http://localhost:5173 without a path,
   * or *.
   * @defaultValue none
   */
  readonly allowedOrigins?: readonly string[] | undefined;
  /**
   * The further host names by which the gateway is reached, separated by commas (as a library
   * option: an array): the name of its service, or what a proxy puts into `Host`.
   * `.example.com` stands for the domain and all names below it, `*` for any name, which lets
   * pages of every origin read (DNS rebinding). `SLUICE_HOST`, `localhost` and loopback
   * addresses are always allowed and, when the gateway does not listen on a loopback address,
   * every IP address and the name of the machine. Requests to other names are refused with
   * status 403 (`FORBIDDEN`), except for `/health` and `/ready`.
   *
   * It takes host names without a scheme or a port, domains such as .example.com, or *.
   * @defaultValue none
   */
  readonly allowedHosts?: readonly string[] | undefined;
  /**
   * Whether the schema is served as a subgraph of Apollo Federation 2, with the entity
   * `Device`. Its composition takes what `sluice schema --federation` prints.
   *
   * It takes one of off, on.
   * @defaultValue `off`
   */
  readonly federation?: 'off' | 'on' | undefined;
  /**
   * For how many milliseconds an HTTP connection stays open between two requests. It has to be
   * longer than the load balancer in front keeps its connections (AWS 60 seconds, Google Cloud
   * 600): otherwise a request now and then meets a connection that is being closed, which
   * clients see as 502.
   *
   * It takes a whole number from 1000 to 2147483647.
   * @defaultValue `75000`
   */
  readonly idleTimeoutMs?: number | undefined;
  /**
   * The MQTT broker to read the device messages from. Without it the gateway starts a broker of
   * its own, for trying things out, and simulates devices.
   *
   * It takes a URL that begins with mqtt://, mqtts://, ws://, wss://.
   * @defaultValue none, which starts the embedded broker
   */
  readonly mqttUrl?: string | undefined;
  /**
   * The TCP port of the embedded broker, on 127.0.0.1; when it is in use, the next free one. 0:
   * any free port. Without effect when an MQTT broker is named.
   *
   * It takes a whole number from 0 to 65535.
   * @defaultValue `1883`
   */
  readonly embeddedMqttPort?: number | undefined;
  /**
   * How many simulated trackers publish to the embedded broker, on `devices/<id>/messages`,
   * once per second each. 0: none. Without effect when an MQTT broker is named.
   *
   * It takes a whole number from 0 to 10000.
   * @defaultValue `20`
   */
  readonly simulatedDevices?: number | undefined;
  /**
   * The user name for the MQTT broker.
   *
   * It takes a user name.
   * @defaultValue none
   */
  readonly mqttUsername?: string | undefined;
  /**
   * The password for the MQTT broker. Rather set the variable: a flag can be seen in the list
   * of processes.
   *
   * It takes a password.
   * @defaultValue none
   */
  readonly mqttPassword?: string | undefined;
  /**
   * The file with the certificate authorities (PEM) to check the certificate of the broker
   * against, instead of those that Node.js brings.
   *
   * It takes the path of a file that can be read.
   * @defaultValue none
   */
  readonly mqttCaFile?: string | undefined;
  /**
   * The file with the certificate (PEM) that the gateway shows to the broker. It comes together
   * with the key.
   *
   * It takes the path of a file that can be read.
   * @defaultValue none
   */
  readonly mqttCertFile?: string | undefined;
  /**
   * The file with the key (PEM) of that certificate. It comes together with the certificate.
   *
   * It takes the path of a file that can be read.
   * @defaultValue none
   */
  readonly mqttKeyFile?: string | undefined;
  /**
   * The MQTT client id. It makes the session persistent: the broker keeps the messages of a
   * short interruption. No two gateways may have the same one, since the broker disconnects the
   * older of the two.
   *
   * It takes a client id.
   * @defaultValue none; the session ends with the connection
   */
  readonly mqttClientId?: string | undefined;
  /**
   * The quality of service that the gateway subscribes with: 0 at most once, 1 at least once, 2
   * exactly once.
   *
   * It takes one of 0, 1, 2.
   * @defaultValue `1`
   */
  readonly mqttQos?: 0 | 1 | 2 | undefined;
  /**
   * For how many seconds the broker keeps the session of a gateway that is away. It needs a
   * client id. 0: the session ends with the connection; 4294967295: it never ends.
   *
   * It takes a whole number from 0 to 4294967295.
   * @defaultValue 3600 with a client id, otherwise 0
   */
  readonly mqttSessionExpiryS?: number | undefined;
  /**
   * How many messages the broker queues for the session of a gateway that is away, as it is
   * configured there (Mosquitto: `max_queued_messages`). 0: all of them. With it, a resumed
   * session whose queue brings fewer counts as complete, for devices that send at QoS 1 or 2;
   * without it, nobody knows, and each interruption is told to clients as `SOURCE_INTERRUPTED`
   * with the first message behind it, wherever messages are missing. It needs a client id, and
   * a broker that answers a ping behind what it has queued, as Mosquitto does; others were not
   * tried.
   *
   * It takes a whole number from 0 to 9007199254740991.
   * @defaultValue none; the limit is not known
   */
  readonly mqttQueueLimit?: number | undefined;
  /**
   * After how many silent seconds the broker is asked for a sign of life. A broker that gives
   * none is given up after one and a half times as long.
   *
   * It takes a whole number from 1 to 65535.
   * @defaultValue `60`
   */
  readonly mqttKeepAliveS?: number | undefined;
  /**
   * What becomes of the messages that the broker has retained and sends at the subscription:
   * `deliver` delivers them, marked as `retained`; `state` keeps one as `lastMessage` of a
   * device that has sent nothing since the start, and delivers none; `ignore` takes none, and
   * asks an MQTT 5 broker for none. The availability topic is not concerned.
   *
   * It takes one of deliver, state, ignore.
   * @defaultValue `deliver`
   */
  readonly mqttRetained?: 'deliver' | 'state' | 'ignore' | undefined;
  /**
   * Which topics to read: templates, separated by commas (as a library option: an array).
   * `{deviceId}` is the level that names the device; the wildcards `+` (one level) and `#` (all
   * further levels) may stand elsewhere.
   *
   * It takes topic templates such as devices/{deviceId}/messages.
   * @defaultValue `devices/{deviceId}/messages`
   */
  readonly topics?: readonly string[] | undefined;
  /**
   * Where in the payload the device id is, as a JSON pointer (RFC 6901) such as `/device_id`.
   * With it the topics need no `{deviceId}`.
   *
   * It takes a JSON pointer such as /device_id, in which ~ is written ~0.
   * @defaultValue none; the topic names the device
   */
  readonly deviceIdPointer?: string | undefined;
  /**
   * Where devices tell whether they are there, most of them by a last will: a topic template
   * with `{deviceId}` such as `devices/{deviceId}/status`.
   *
   * It takes a topic template with {deviceId}.
   * @defaultValue none; nobody is asked
   */
  readonly availabilityTopic?: string | undefined;
  /**
   * The payload on that topic by which a device is online.
   *
   * It takes a payload.
   * @defaultValue `online`
   */
  readonly availabilityOnline?: string | undefined;
  /**
   * The payload on that topic by which a device is offline.
   *
   * It takes a payload.
   * @defaultValue `offline`
   */
  readonly availabilityOffline?: string | undefined;
  /**
   * After how many milliseconds without a message a device is offline. Without this and without
   * an availability topic nobody says whether a device is online.
   *
   * It takes a whole number from 1 to 9007199254740991.
   * @defaultValue none; silence says nothing
   */
  readonly silenceTimeoutMs?: number | undefined;
  /**
   * How many messages may wait for one subscription whose client does not keep up. When so many
   * wait, the overflow policy decides.
   *
   * It takes a whole number from 1 to 1000000.
   * @defaultValue `100`
   */
  readonly queueSize?: number | undefined;
  /**
   * What a full queue does with the next message: `drop-newest` refuses it, `drop-oldest` makes
   * room for it, `latest` keeps only the newest message of each device, `disconnect` ends the
   * subscription. A subscription may choose for itself.
   *
   * It takes one of drop-newest, drop-oldest, latest, disconnect.
   * @defaultValue `drop-newest`
   */
  readonly overflow?: 'drop-newest' | 'drop-oldest' | 'latest' | 'disconnect' | undefined;
  /**
   * Whether WebSocket messages are compressed (permessage-deflate) for clients that offer it. A
   * message is compressed once for all subscribers of one selection; each connection takes some
   * 30 KiB more once its client has sent a compressed message.
   *
   * It takes one of off, on.
   * @defaultValue `off`
   */
  readonly websocketCompression?: 'off' | 'on' | undefined;
  /**
   * After how many milliseconds a quiet connection gets a sign of life. Many proxies cut at 60
   * seconds. A WebSocket that answers neither of two in a row is cut when the third is due.
   *
   * It takes a whole number from 100 to 2147483647.
   * @defaultValue `25000`
   */
  readonly keepAliveMs?: number | undefined;
  /**
   * For how many milliseconds after the first signal to end everything is still served while
   * `/ready` answers 503: as long as the load balancer takes to notice. Only then does the
   * gateway take no more clients and drain the others. A second signal ends the process at
   * once.
   *
   * It takes a whole number from 0 to 2147483647.
   * @defaultValue `0`
   */
  readonly shutdownDelayMs?: number | undefined;
  /**
   * For how many milliseconds at most a gateway that is told to end writes out what is queued
   * before it closes the connections. 0: it closes them at once.
   *
   * It takes a whole number from 0 to 2147483647.
   * @defaultValue `10000`
   */
  readonly drainMs?: number | undefined;
  /**
   * How many messages of each device are kept, for subscribers that come back or ask for what
   * was before. 0: none; messages of devices without a subscriber are then counted and not
   * looked into.
   *
   * It takes a whole number from 0 to 1000000.
   * @defaultValue `100`
   */
  readonly historySize?: number | undefined;
  /**
   * For how many milliseconds a message is kept.
   *
   * It takes a whole number from 1 to 9007199254740991.
   * @defaultValue `300000`
   */
  readonly historyTtlMs?: number | undefined;
  /**
   * How much memory the kept messages of all devices may take together, in bytes. When it is
   * full, the oldest go, of whichever device they are.
   *
   * It takes a whole number from 0 to 9007199254740991.
   * @defaultValue `268435456`
   */
  readonly historyMaxBytes?: number | undefined;
  /**
   * The longest payload of one MQTT message, in bytes. A longer message is rejected, counted
   * and logged.
   *
   * It takes a whole number from 1 to 268435455.
   * @defaultValue `262144`
   */
  readonly maxPayloadBytes?: number | undefined;
  /**
   * The longest packet that is taken from the MQTT broker, in bytes. An MQTT 5 broker is asked
   * to keep longer ones away. Where one comes all the same, which is the only way over MQTT
   * 3.1.1, the connection is cut before the packet is in memory, a persistent session is given
   * up, and both are logged.
   *
   * It takes a whole number from 1024 to 268435455.
   * @defaultValue the longest payload and 1 MiB
   */
  readonly mqttMaxPacketBytes?: number | undefined;
  /**
   * How many messages one MQTT payload may hold, as an array of objects or as newline-delimited
   * JSON. A payload with more is rejected as a whole, counted and logged.
   *
   * It takes a whole number from 1 to 1000000.
   * @defaultValue `1000`
   */
  readonly maxMessagesPerPayload?: number | undefined;
  /**
   * How many device ids are kept in memory. A further device takes the place of one that has
   * been silent for long enough; where none is found, its messages are rejected, counted and
   * logged.
   *
   * It takes a whole number from 1 to 16000000.
   * @defaultValue `1000000`
   */
  readonly maxDevices?: number | undefined;
  /**
   * A device that has been silent for longer than this makes room, in milliseconds: only when
   * as many devices as `SLUICE_MAX_DEVICES` are known and a new one is heard, and never while
   * somebody watches it. What was kept of it goes too.
   *
   * It takes a whole number from 1 to 9007199254740991.
   * @defaultValue `86400000`
   */
  readonly deviceTtlMs?: number | undefined;
  /**
   * How many devices one subscription may name. More are refused with `BAD_USER_INPUT`.
   *
   * It takes a whole number from 1 to 1000000.
   * @defaultValue `1000`
   */
  readonly maxDeviceIds?: number | undefined;
  /**
   * How many subscriptions may be open on one connection. Further ones are refused with
   * `LIMIT_EXCEEDED`.
   *
   * It takes a whole number from 1 to 1000000.
   * @defaultValue `1000`
   */
  readonly maxSubscriptionsPerConnection?: number | undefined;
  /**
   * How many devices all subscriptions of one connection may name together. Further
   * subscriptions are refused with `LIMIT_EXCEEDED`.
   *
   * It takes a whole number from 1 to 16000000.
   * @defaultValue `100000`
   */
  readonly maxDevicesPerConnection?: number | undefined;
  /**
   * How many distinct selections of fields the subscriptions of one connection may use: a
   * message is rendered once for each. Further ones are refused with `LIMIT_EXCEEDED`.
   *
   * It takes a whole number from 1 to 1000000.
   * @defaultValue `16`
   */
  readonly maxSelectionsPerConnection?: number | undefined;
  /**
   * How many distinct selections of fields the subscriptions of all connections may use. With
   * one more, the connection that uses most of them is ended.
   *
   * It takes a whole number from 1 to 1000000.
   * @defaultValue `512`
   */
  readonly maxSelections?: number | undefined;
  /**
   * How many values one operation may resolve: the fields of each device and of each message
   * count. An operation that asks for more is answered with `LIMIT_EXCEEDED` alone. With 30,000
   * the event loop is held for some 50 ms.
   *
   * It takes a whole number from 1000 to 100000000.
   * @defaultValue `30000`
   */
  readonly maxAnswerFields?: number | undefined;
  /**
   * The longest answer of one operation, in bytes. An operation that asks for more is answered
   * with `LIMIT_EXCEEDED` alone.
   *
   * It takes a whole number from 65536 to 268435456.
   * @defaultValue `4194304`
   */
  readonly maxAnswerBytes?: number | undefined;
  /**
   * The memory of answers that their clients have not read yet, of all clients together, in
   * bytes. With more, the connection that holds most of it is ended.
   *
   * It takes a whole number from 1048576 to 9007199254740991.
   * @defaultValue `33554432`
   */
  readonly maxUnreadBytes?: number | undefined;
  /**
   * The memory of requests and WebSocket messages that are still arriving or waiting for their
   * turn, of all clients together, in bytes. With more, the connection that holds most of it is
   * ended.
   *
   * It takes a whole number from 1048576 to 9007199254740991.
   * @defaultValue `67108864`
   */
  readonly maxIncomingBytes?: number | undefined;
  /**
   * Within how many milliseconds the head of a request has to arrive. A connection that takes
   * longer is closed; they are looked at every 5 seconds.
   *
   * It takes a whole number from 100 to 2147483647.
   * @defaultValue `10000`
   */
  readonly headTimeoutMs?: number | undefined;
  /**
   * Within how many milliseconds a whole request has to arrive, its body included, and about
   * twice that for a message on a WebSocket. A connection that takes longer is closed; they are
   * looked at every 5 seconds.
   *
   * It takes a whole number from 100 to 2147483647.
   * @defaultValue `30000`
   */
  readonly requestTimeoutMs?: number | undefined;
  /**
   * How many reservations of the single connection mode may wait for their stream. With one
   * more, the oldest of the address that has most makes room.
   *
   * It takes a whole number from 1 to 1000000.
   * @defaultValue `1000`
   */
  readonly maxReservations?: number | undefined;
  /**
   * How many connections may be open, of any kind. With one more, the address that has most of
   * them loses one that carries nothing, or else its oldest; when that address is the
   * newcomer's own and all of them are in use, the newcomer is refused: over HTTP with status
   * 503, over WebSocket with close code 1013. `sluice serve` lowers it where the limit of open
   * files leaves less room, and says so in its log (Linux).
   *
   * It takes a whole number from 1 to 1000000.
   * @defaultValue `100000`
   */
  readonly maxConnections?: number | undefined;
  /**
   * The longest body of a POST and the longest message on a WebSocket, in bytes. Longer ones
   * are refused: over HTTP with status 413, over WebSocket with close code 1009.
   *
   * It takes a whole number from 1024 to 268435456.
   * @defaultValue `1048576`
   */
  readonly maxRequestBytes?: number | undefined;
  /**
   * What is logged: this level and the more urgent ones. `silent`: nothing.
   *
   * It takes one of trace, debug, info, warn, error, fatal, silent.
   * @defaultValue `info`
   */
  readonly logLevel?: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent' | undefined;
  /**
   * How it is logged: `pretty` for people, `json` for programs (one object on each line).
   *
   * It takes one of pretty, json.
   * @defaultValue pretty on a terminal, json elsewhere
   */
  readonly logFormat?: 'pretty' | 'json' | undefined;
}
