import type { IClientPublishOptions, MqttClient } from 'mqtt';

/**
 * Publishes over connections that come and go: what is not acknowledged when one
 * is lost is published again, in its order, over the next one. With QoS 1 and 2
 * the broker may then have it twice: the session has ended with the connection.
 */
export interface Publisher {
  /** How many messages are not acknowledged. The caller bounds them. */
  readonly pending: number;
  /**
   * Resolves when the broker has acknowledged it, with QoS 0 when it is written.
   * Rejects when the broker refuses it, or with the error that `fail` was given.
   */
  publish(message: PublishedMessage): Promise<void>;
  /** Takes over a new connection. */
  begin(client: MqttClient): void;
  /** The connection is lost. */
  pause(): void;
  /** Nothing is published any more. */
  fail(error: Error): void;
}

export interface PublishedMessage {
  readonly topic: string;
  readonly payload: string;
  readonly options: IClientPublishOptions;
}

interface Pending {
  readonly message: PublishedMessage;
  readonly settle: () => void;
  readonly refuse: (error: Error) => void;
}

export function createPublisher(): Publisher {
  const pending = new Set<Pending>();
  let client: MqttClient | undefined;
  let failure: Error | undefined;

  function send(one: Pending, over: MqttClient): void {
    const { topic, payload, options } = one.message;
    over.publish(topic, payload, options, (error) => {
      // MQTT.js gives up what it had on its way when a connection ends. It is sent again.
      if (over !== client || !pending.delete(one)) return;
      if (error === null || error === undefined) one.settle();
      else one.refuse(error);
    });
  }

  return {
    get pending() {
      return pending.size;
    },
    publish: (message) =>
      new Promise((settle, refuse) => {
        if (failure !== undefined) {
          refuse(failure);
          return;
        }
        const one = { message, settle, refuse };
        pending.add(one);
        if (client !== undefined) send(one, client);
      }),
    begin(next) {
      client = next;
      for (const one of pending) send(one, next);
    },
    pause() {
      client = undefined;
    },
    fail(error) {
      failure ??= error;
      client = undefined;
      for (const { refuse } of pending) refuse(failure);
      pending.clear();
    },
  };
}
