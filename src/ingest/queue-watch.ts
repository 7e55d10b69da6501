import { Socket } from 'node:net';
import type { MqttClient, Packet } from 'mqtt';

export interface QueueWatchOptions {
  /** How many messages the MQTT broker queues. */
  readonly limit: number;
  /**
   * The queue may have been full: as many messages came as it holds, and it has
   * ended, or the next one is about to be read.
   */
  readonly full: () => void;
  /** The queue has ended below its limit, with at most so many messages. */
  readonly complete: (received: number) => void;
}

/** What it needs of MQTT.js. */
type Watched = Pick<MqttClient, 'on' | 'off' | 'sendPing' | 'stream'>;

/**
 * Counts what comes out of the queue of a session that was just resumed, before
 * anything of it was read: a queue that has lost messages was full, and brings as
 * many as its limit. Ends with one of the two calls, or with the connection.
 *
 * Most brokers refuse what comes to a full queue, so that the loss is behind its
 * last message: there it is told, and not in front of that one.
 *
 * The queue has ended where the broker answers a ping with nothing before the
 * answer: it has then our acknowledgements of all that came, which make room for
 * the next ones, and had none. PUBREL counts as well: the message of QoS 2 before
 * it still takes its place. Live messages that leave no pause of a round trip hide
 * the end, and are counted as queued: rather a gap too many than one too few.
 */
export function watchQueue(client: Watched, { limit, full, complete }: QueueWatchOptions): void {
  let received = 0;
  let isQuiet = true;

  function noDelay(isOn: boolean): void {
    if (client.stream instanceof Socket) client.stream.setNoDelay(isOn);
  }

  function stop(): void {
    client.off('packetreceive', read);
    noDelay(false);
  }

  function read({ cmd }: Packet): void {
    if (cmd === 'publish') received += 1;
    if (cmd === 'publish' || cmd === 'pubrel') isQuiet = false;
    const hasEnded = cmd === 'pingresp' && isQuiet;
    if (received > limit || (hasEnded && received === limit)) {
      stop();
      full();
    } else if (hasEnded) {
      stop();
      complete(received);
    } else if (cmd === 'pingresp') {
      isQuiet = true;
      client.sendPing();
    }
  }

  client.on('packetreceive', read);
  // Otherwise a ping may wait in the kernel for 40 ms, in which live messages come.
  noDelay(true);
  client.sendPing();
}
