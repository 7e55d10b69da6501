import { EventEmitter } from 'node:events';
import type { MqttClient } from 'mqtt';
import { describe, expect, it } from 'vitest';
import { watchQueue } from '../../src/ingest/queue-watch.ts';

/** What a broker sends to a gateway that watches a queue of three messages, and what the gateway says of it. */
class Session extends EventEmitter {
  readonly stream = new EventEmitter() as MqttClient['stream'];
  pings = 0;
  readonly said: string[] = [];

  constructor() {
    super();
    watchQueue(this as unknown as MqttClient, {
      limit: 3,
      full: () => this.said.push('full'),
      complete: (received) => this.said.push(`complete after ${received}`),
    });
  }

  sendPing(): void {
    this.pings += 1;
  }

  sends(...commands: string[]): void {
    for (const cmd of commands) this.emit('packetreceive', { cmd });
  }
}

describe('the queue of a resumed session', () => {
  it.each([
    ['was empty', ['pingresp'], 'complete after 0'],
    [
      'brought less than its limit',
      ['publish', 'publish', 'pingresp', 'pingresp'],
      'complete after 2',
    ],
    [
      'brought as much as its limit',
      ['publish', 'publish', 'publish', 'pingresp', 'pingresp'],
      'full',
    ],
    ['brought more than its limit', ['publish', 'publish', 'publish', 'publish'], 'full'],
    [
      'was sent in parts',
      ['publish', 'pingresp', 'publish', 'pingresp', 'publish', 'publish'],
      'full',
    ],
    [
      'ended with a message of QoS 2',
      ['publish', 'pingresp', 'pubrel', 'pingresp', 'pingresp'],
      'complete after 1',
    ],
  ])('%s', (_what, commands, expected) => {
    const session = new Session();
    session.sends(...commands);
    expect(session.said).toEqual([expected]);
    // What comes from now on is no concern of the queue.
    session.sends('publish', 'publish', 'publish', 'pingresp');
    expect(session.said).toHaveLength(1);
    expect(session.listenerCount('packetreceive')).toBe(0);
  });

  it('is not full before its last message was read', () => {
    const session = new Session();
    session.sends('publish', 'publish', 'publish');
    expect(session.said).toEqual([]);
    session.sends('pingresp', 'publish');
    expect(session.said).toEqual(['full']);
  });

  it('is asked again until the answer to a ping comes alone', () => {
    const session = new Session();
    session.sends('publish', 'pingresp', 'publish', 'pingresp', 'puback');
    expect([session.pings, session.said]).toEqual([3, []]);
  });
});
