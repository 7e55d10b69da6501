import { EventEmitter } from 'node:events';
import type { MqttClient } from 'mqtt';
import { describe, expect, it } from 'vitest';
import { createPublisher, type PublishedMessage } from '../../src/mqtt/publisher.ts';

type Callback = (error?: Error | null) => void;

/** A client that keeps what it is given, and acknowledges when it is told. */
function createClient() {
  const sent: string[] = [];
  const callbacks: Callback[] = [];
  const publish = (_topic: string, payload: string, _options: object, callback: Callback): void => {
    sent.push(payload);
    callbacks.push(callback);
  };
  const client: unknown = Object.assign(new EventEmitter(), { publish });
  return { client: client as MqttClient, sent, callbacks };
}

const message = (payload: string): PublishedMessage => ({
  topic: 't',
  payload,
  options: { qos: 1 },
});

describe('a publisher', () => {
  it('publishes over the next connection what was not acknowledged, in its order', async () => {
    const publisher = createPublisher();
    const first = createClient();
    const second = createClient();
    publisher.begin(first.client);
    const all = ['a', 'b', 'c'].map((payload) => publisher.publish(message(payload)));
    first.callbacks[1]!();
    await all[1];
    publisher.pause();
    const late = publisher.publish(message('d'));
    // MQTT.js tells it of what it gave up.
    first.callbacks[0]!(new Error('Connection closed'));
    publisher.begin(second.client);
    expect(second.sent).toEqual(['a', 'c', 'd']);
    for (const acknowledge of second.callbacks) acknowledge();
    await Promise.all([...all, late]);
    expect(publisher.pending).toBe(0);
  });

  it('rejects what the broker refuses, and goes on', async () => {
    const publisher = createPublisher();
    const { client, callbacks } = createClient();
    publisher.begin(client);
    const refused = publisher.publish(message('a'));
    const taken = publisher.publish(message('b'));
    callbacks[0]!(new Error('Publish error: Not authorized'));
    callbacks[1]!(null);
    await expect(refused).rejects.toThrow('Not authorized');
    await taken;
  });

  it('rejects everything, now and later, with the error that it fails with', async () => {
    const publisher = createPublisher();
    publisher.begin(createClient().client);
    const pending = publisher.publish(message('a'));
    publisher.fail(new Error('away'));
    await expect(pending).rejects.toThrow('away');
    await expect(publisher.publish(message('b'))).rejects.toThrow('away');
    expect(publisher.pending).toBe(0);
  });
});
