// Written by `npm run codegen` from the catalogue of metrics, `catalogue.ts`.

/** A snapshot of what the gateway does, in the shape of the SDL's type of that name. Counters run since the start. */
export interface BrokerStats {
  /** Messages from devices that were accepted, whether they had a subscriber or not. */
  readonly totalMessagesProcessed: number;
  /** `deviceMessages` subscriptions that are open now, over all transports. */
  readonly activeSubscribers: number;
  /** Open `deviceMessages` subscriptions by transport. Every transport is listed once. */
  readonly activeSubscribersByTransport: readonly TransportCount[];
  /** Distinct device ids with a subscriber. */
  readonly devicesBeingMonitored: number;
  /** Messages handed to a client; one message to two clients counts twice. */
  readonly messagesDelivered: number;
  /** Messages handed to a client, by transport. Every transport is listed once. */
  readonly messagesDeliveredByTransport: readonly TransportCount[];
  /** Messages that a subscription asked for and did not get. */
  readonly messagesDropped: number;
  /** Dropped messages by reason. Every reason is listed once. */
  readonly messagesDroppedByReason: readonly DropCount[];
  /** Messages that were replaced by a newer one of their device, as the client had asked. */
  readonly messagesConflated: number;
  /** Messages from the MQTT broker that were refused. */
  readonly messagesRejected: number;
  /** Refused messages from the MQTT broker, by reason. Every reason is listed once. */
  readonly messagesRejectedByReason: readonly RejectionCount[];
  /** Messages with an empty payload, which delete a retained message. They are not delivered. */
  readonly messagesCleared: number;
  /** `deviceMessages` subscriptions that have ended, by reason. Every reason is listed once. */
  readonly subscriptionsEndedByReason: readonly EndCount[];
  /** Requests of clients that the gateway refused, and connections that it ended because of them. */
  readonly requestsRefused: number;
  /** Refused requests and ended connections, by reason. Every reason is listed once. */
  readonly requestsRefusedByReason: readonly RefusalCount[];
  /** Silent devices that were forgotten to make room for new ones. */
  readonly devicesForgotten: number;
  /** Log lines that were not written, because there were too many or nobody read them. */
  readonly logLinesDropped: number;
  /** Messages that are now in the queues of subscriptions. */
  readonly messagesQueued: number;
  /** Client connections that are open now: WebSockets and event streams. */
  readonly connections: number;
  /** Open client connections by transport. Every transport is listed once. */
  readonly connectionsByTransport: readonly TransportCount[];
  /** Devices that the gateway has heard. */
  readonly devicesKnown: number;
  /** Whether the MQTT broker is connected and has granted the subscriptions. */
  readonly ingestConnected: boolean;
  /** How often the connection to the MQTT broker was lost. The next message of each device that may have lost messages has a gap `SOURCE_INTERRUPTED`. */
  readonly sourceInterruptions: number;
  /** The resources that its process uses. */
  readonly process: ProcessStats;
  /** Seconds since the start. */
  readonly uptimeSeconds: number;
  /** The version of Sluice. */
  readonly version: string;
}

/** The resources that the process of the gateway uses. */
export interface ProcessStats {
  /** The longest time for which the event loop was blocked, within the last one to two seconds. A few milliseconds are normal; hundreds mean that the gateway is at its limit. */
  readonly eventLoopDelayMs: number;
  /** Memory in use on the JavaScript heap. */
  readonly heapUsedBytes: number;
  /** Memory of the whole process, as the operating system counts it. */
  readonly residentBytes: number;
}

/** Why a message was not delivered to a subscription that had asked for it. */
export type DropReason =
  | 'QUEUE_OVERFLOW'
  | 'SUBSCRIPTION_ENDED'
  | 'HISTORY_EXPIRED';

/** How many messages were dropped for one reason. */
export interface DropCount {
  /** The reason. */
  readonly reason: DropReason;
  /** How many, since start. */
  readonly count: number;
}

/** Why a message from the MQTT broker was refused. */
export type RejectionReason =
  | 'TOO_LARGE'
  | 'TOO_MANY_MESSAGES'
  | 'EMPTY'
  | 'INVALID_UTF8'
  | 'NOT_JSON'
  | 'UNWANTED_TOPIC'
  | 'NO_DEVICE_ID'
  | 'BAD_DEVICE_ID'
  | 'TOO_MANY_DEVICES'
  | 'UNKNOWN_AVAILABILITY';

/** How many messages were rejected for one reason. */
export interface RejectionCount {
  /** The reason. */
  readonly reason: RejectionReason;
  /** How many, since start. */
  readonly count: number;
}

/** Why a subscription ended. */
export type EndReason =
  | 'CLIENT_COMPLETED'
  | 'CONNECTION_LOST'
  | 'SLOW_CONSUMER'
  | 'SHUTTING_DOWN'
  | 'INTERNAL_ERROR';

/** How many subscriptions ended for one reason. */
export interface EndCount {
  /** The reason. */
  readonly reason: EndReason;
  /** How many, since start. */
  readonly count: number;
}

/** Why a request of a client was refused, or its connection ended. */
export type RefusalReason =
  | 'FOREIGN_ORIGIN'
  | 'FOREIGN_HOST'
  | 'CONNECTIONS'
  | 'BUSY_SOCKET'
  | 'REQUEST_TIMEOUT'
  | 'REQUEST_SIZE'
  | 'INCOMING_BYTES'
  | 'UNREAD'
  | 'ANSWERS_IN_FLIGHT'
  | 'ANSWER_SIZE'
  | 'DOCUMENT_SIZE'
  | 'SELECTIONS'
  | 'SUBSCRIPTIONS'
  | 'RESERVATIONS';

/** How many requests were refused for one reason. */
export interface RefusalCount {
  /** The reason. */
  readonly reason: RefusalReason;
  /** How often, since start. */
  readonly count: number;
}

/** A way in which a client reaches the gateway. */
export type Transport =
  | 'HTTP'
  | 'SSE'
  | 'MULTIPART'
  | 'WEBSOCKET'
  | 'PLAIN_SSE'
  | 'PLAIN_WEBSOCKET'
  | 'LIBRARY';

/** A count for one transport. */
export interface TransportCount {
  /** The transport. */
  readonly transport: Transport;
  /** How many: now for a gauge, since start for a counter. */
  readonly count: number;
}
