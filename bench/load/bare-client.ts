import { connect, type Socket } from 'node:net';
import { clientFrame, type Dialogue } from './dialogue.ts';
import { EventReader } from './event-reader.ts';
import { FrameReader } from './frame-reader.ts';
import type { Reader, ReaderEvents } from './reader.ts';

const close = 0x88;
const ping = 0x89;
const pong = 0x0a;

/**
 * Every socket of the process reads into this buffer: a read is handed on and walked before the next one
 * starts. Without it each read would allocate 64 KiB and the collector would be the bottleneck.
 */
const readBuffer = Buffer.allocUnsafeSlow(256 * 1024);

export interface BareClientOptions {
  readonly port: number;
  readonly localAddress: string;
  readonly dialogue: Dialogue;
  readonly messageBytes: number;
  readonly arrived: (count: number) => void;
  readonly inspect: ReaderEvents['inspect'];
  /** Said once: why the server ended the connection. */
  readonly ended: (reason: string) => void;
}

/** One client: a bare socket that does the handshake by hand and then only counts. */
export class BareClient {
  readonly reader: Reader;
  readonly #options: BareClientOptions;
  readonly #socket: Socket;
  #opened = Promise.withResolvers<void>();
  #head: Buffer | undefined = Buffer.alloc(0);
  #reason = 'the server ended the connection';

  constructor(options: BareClientOptions) {
    this.#options = options;
    const events: ReaderEvents = {
      arrived: options.arrived,
      inspect: options.inspect,
      control: (opcode, body) => this.#control(opcode, body),
    };
    const Kind = options.dialogue.streams === 'frames' ? FrameReader : EventReader;
    this.reader = new Kind(events, options.messageBytes);
    this.#socket = connect({
      host: '127.0.0.1',
      port: options.port,
      localAddress: options.localAddress,
      noDelay: true,
      onread: { buffer: readBuffer, callback: (length) => this.#read(length) },
    });
    this.#socket.on('connect', () => this.#socket.write(options.dialogue.request));
    this.#socket.on('error', (error) => {
      this.#reason = error.message;
    });
    this.#socket.on('close', () => this.#close());
  }

  /** Settles when the server has accepted the handshake. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  /** The client reads nothing from here on; the kernel's buffers fill, then the server's. */
  stall(): void {
    this.#socket.pause();
  }

  #read(length: number): boolean {
    if (this.#head === undefined) this.reader.feed(readBuffer, length);
    else this.#handshake(Buffer.concat([this.#head, readBuffer.subarray(0, length)]));
    return true;
  }

  #handshake(bytes: Buffer): void {
    this.#head = bytes;
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = bytes.toString('latin1', 0, end).toLowerCase();
    const { streams, hello } = this.#options.dialogue;
    const accepted =
      streams === 'frames'
        ? head.startsWith('http/1.1 101 ')
        : head.startsWith('http/1.1 200 ') && head.includes('\r\ntransfer-encoding: chunked');
    if (!accepted) {
      this.#reason = `refused: ${bytes.toString('utf8', 0, 300)}`;
      this.#socket.destroy();
      return;
    }
    this.#head = undefined;
    if (hello !== undefined) this.#socket.write(hello);
    this.#opened.resolve();
    const rest = bytes.subarray(end + 4);
    if (rest.length > 0) this.reader.feed(rest, rest.length);
  }

  #control(opcode: number, body: Buffer): void {
    if (opcode === ping) {
      this.#socket.write(clientFrame(pong, body));
    } else if (opcode === close) {
      const code = body.length >= 2 ? body.readUInt16BE(0) : 1005;
      this.#reason = `closed with ${code} ${body.toString('utf8', 2)}`;
    } else {
      const answer = this.#options.dialogue.reply?.(body);
      if (answer !== undefined) this.#socket.write(answer);
    }
  }

  #close(): void {
    this.#opened.reject(new Error(this.#reason));
    this.#options.ended(this.#reason);
  }
}
