import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { nowMicros } from './clock.ts';
import type { Ledger } from './ledger.ts';
import {
  deviceBase,
  deviceTopic,
  messageTemplate,
  stampMessage,
  writeDigits,
  type MessageNumbers,
} from './message.ts';
import { connectPacket, publishPacket } from './mqtt-packet.ts';

const topicDigitsAt = deviceTopic(0).indexOf(String(deviceBase));
const backlogBytes = 1024 * 1024;

/** Writes prebuilt PUBLISH packets over a bare socket: a message costs well under a microsecond. */
export class Publisher {
  readonly #socket: Socket;
  readonly #version: number;
  readonly #ledger: Ledger;
  readonly #payloadBytes: number;
  readonly #templates = new Map<number, ReturnType<typeof publishPacket>>();
  readonly #numbers: MessageNumbers = { device: 0, sequence: 0, stamp: 0 };
  /** The device whose turn it is. */
  #next = 0;

  /** `version` is that of MQTT, as the protocol numbers it: 4 is 3.1.1. */
  constructor(socket: Socket, version: number, ledger: Ledger, payloadBytes: number) {
    this.#socket = socket;
    this.#version = version;
    this.#ledger = ledger;
    this.#payloadBytes = payloadBytes;
  }

  static async open(mqttPort: number, ledger: Ledger, payloadBytes: number): Promise<Publisher> {
    const socket = connect({ host: '127.0.0.1', port: mqttPort, noDelay: true });
    await once(socket, 'connect');
    // No client id: a second load beside this one would be told from it by that alone.
    socket.write(connectPacket(''));
    const [acknowledgement] = (await once(socket, 'data')) as [Buffer];
    if (acknowledgement[3] !== 0) throw new Error('the MQTT broker refused the publisher');
    socket.resume();
    return new Publisher(socket, 4, ledger, payloadBytes);
  }

  /** Publishes `count` messages in one write, going round the first `devices` devices. */
  publish(count: number, devices: number): void {
    this.#write(count, this.#payloadBytes, () => {
      const device = this.#next < devices ? this.#next : 0;
      this.#next = device + 1;
      return device;
    });
  }

  publishFrom(from: number, count: number): void {
    let device = from;
    this.#write(count, this.#payloadBytes, () => device++);
  }

  publishOne(device: number, bytes: number): void {
    this.#write(1, bytes, () => device);
  }

  /** Settles when the kernel has taken all but little of what was written. */
  async drained(): Promise<void> {
    while (this.#socket.writableLength > backlogBytes) await turn();
  }

  #write(count: number, bytes: number, nextDevice: () => number): void {
    const template = this.#template(bytes);
    const size = template.bytes.length;
    const batch = Buffer.allocUnsafe(count * size);
    const numbers = this.#numbers;
    numbers.stamp = nowMicros();
    for (let i = 0; i < count; i++) {
      const at = i * size;
      numbers.device = nextDevice();
      numbers.sequence = ++this.#ledger.sequences[numbers.device]!;
      template.bytes.copy(batch, at);
      writeDigits(batch, at + template.topicAt + topicDigitsAt, 7, deviceBase + numbers.device);
      stampMessage(batch, at + template.payloadAt, numbers);
    }
    this.#socket.write(batch);
  }

  #template(bytes: number): ReturnType<typeof publishPacket> {
    let template = this.#templates.get(bytes);
    if (template === undefined) {
      template = publishPacket(deviceTopic(0), messageTemplate(bytes), this.#version);
      this.#templates.set(bytes, template);
    }
    return template;
  }
}
