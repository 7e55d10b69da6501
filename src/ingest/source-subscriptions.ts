import type { IPublishPacket, ISubscriptionGrant, MqttClient, Packet } from 'mqtt';
import type { Logger } from '../observe/logger.ts';
import type { MqttConnection } from '../mqtt/connector-listener.ts';
import { createLeftSubscriptions } from './left-subscriptions.ts';
import { problemOf } from './mqtt-problem.ts';
import { identifySubscriptions } from './subscription-identifiers.ts';

/** What to subscribe to. */
export interface MqttFilter {
  readonly filter: string;
  /** The broker is asked not to send what it has retained (MQTT 5). */
  readonly ignoresRetained: boolean;
}

export interface SourceSubscriptionsOptions {
  readonly filters: readonly MqttFilter[];
  readonly qos: 0 | 1 | 2;
  /** The session is persistent: it may have filters of an earlier configuration. */
  readonly persistent: boolean;
  /** As the log shows it. */
  readonly address: string;
  readonly logger: Logger;
  /** Every filter is subscribed. */
  readonly subscribed: () => void;
}

/** The filters of this configuration at the MQTT broker: their identifiers, what it has granted, and for which of them a message came. */
export interface SourceSubscriptions {
  /** Takes over a new connection. Subscribes to nothing. */
  begin(connection: MqttConnection): void;
  /** Subscribes to every filter over that connection, which is given up when one is refused. */
  subscribe(): void;
  /** The connection is lost: what it still answers does not count. */
  end(): void;
  /** The indexes of the filters for which this copy came; undefined where the broker does not say. */
  indexesOf(packet: IPublishPacket): readonly number[] | undefined;
  /** A message on this topic is not wanted. MUST be cheap. */
  unwanted(topic: string): void;
}

/** What is granted beyond it is a failure code. [MQTT-3.9.3-2] */
const highestQos = 2;

export function createSourceSubscriptions(
  options: SourceSubscriptionsOptions,
): SourceSubscriptions {
  const { filters, persistent, address, logger, qos: asked } = options;
  const texts = filters.map(({ filter }) => filter);
  const identifiers = identifySubscriptions(texts);
  let connection: MqttConnection | undefined;
  const leftSubscriptions = createLeftSubscriptions({
    address,
    filters: texts,
    logger,
    now: () => performance.now(),
    async unsubscribe(some) {
      if (connection === undefined) throw new Error('There is no connection.');
      const { client, protocolVersion } = connection;
      const answer = await client.unsubscribeAsync([...some]);
      return protocolVersion === 5 ? reasonCodesOf(answer) : undefined;
    },
  });

  function subscribe(): void {
    if (connection === undefined) return;
    const { client, protocolVersion } = connection;
    let awaited = filters.length;
    // An identifier for each: overlapping filters may bring a message once or twice (see `ingest`), and a
    // persistent session may have filters of an earlier configuration. With one filter and a new session
    // there is nothing to tell apart, and a property less to parse for each message.
    const identifies = takesIdentifiers(connection) && (persistent || filters.length > 1);
    for (const [index, { filter, ignoresRetained }] of filters.entries()) {
      const identified = identifies && {
        properties: { subscriptionIdentifier: identifiers.all[index]! },
      };
      // [MQTT-3.8.3.1]: retain handling 2, do not send retained messages at the time of the subscribe.
      const handling = protocolVersion === 5 && ignoresRetained && { rh: 2 };
      client.subscribe(
        filter,
        { qos: asked, ...handling, ...identified },
        (error, granted = []) => {
          if (client !== connection?.client) return;
          if (error !== null || granted.some(({ qos }) => qos > highestQos)) {
            refused(client, filter, error);
            return;
          }
          for (const grant of granted) tellLoweredQos(filter, grant);
          awaited -= 1;
          if (awaited === 0) options.subscribed();
        },
      );
    }
  }

  function refused(client: MqttClient, filter: string, error: Error | null): void {
    logger.error(
      {
        event: 'mqtt.subscription_refused',
        mqtt: address,
        filter,
        ...(error !== null && problemOf(error)),
      },
      `the MQTT broker refused the subscription to ${filter}`,
    );
    // The connection is of no use without it: try again from the start, at the pace of the back-off.
    client.end(true);
  }

  function tellLoweredQos(filter: string, { qos }: Pick<ISubscriptionGrant, 'qos'>): void {
    if (qos >= asked) return;
    logger.warn(
      { event: 'mqtt.qos_lowered', mqtt: address, filter, asked, granted: qos },
      `the MQTT broker has granted QoS ${qos} for ${filter}, where ${asked} was asked`,
    );
  }

  function unwanted(topic: string): void {
    if (persistent) leftSubscriptions.suspect(topic);
  }

  return {
    begin(next) {
      connection = next;
    },
    subscribe,
    end() {
      connection = undefined;
    },
    indexesOf({ topic, properties }) {
      // The type says number, and it is an array when several subscriptions matched.
      const told: number | number[] | undefined = properties?.subscriptionIdentifier;
      if (told === undefined) return undefined;
      const indexes: number[] = [];
      for (const identifier of Array.isArray(told) ? told : [told]) {
        const index = identifiers.indexOf(identifier);
        if (index === undefined) unwanted(topic);
        else indexes.push(index);
      }
      // It came for a filter of an earlier configuration alone. It may have waited in the queue
      // since then, so that no other copy of it comes.
      return indexes.length === 0 ? undefined : indexes;
    },
    unwanted,
  };
}

/** Not every MQTT 5 broker takes subscription identifiers. */
function takesIdentifiers({ protocolVersion, connack }: MqttConnection): boolean {
  return protocolVersion === 5 && connack.properties?.subscriptionIdentifiersAvailable !== false;
}

function reasonCodesOf(answer: Packet | undefined): readonly number[] | undefined {
  // The type has no such property for an UNSUBACK, and MQTT.js fills it in.
  const codes: unknown = answer !== undefined && 'granted' in answer ? answer.granted : undefined;
  return Array.isArray(codes) ? codes : undefined;
}
