/**
 * The control: what is left when nothing but moving the bytes is done. The frame is made once, headers
 * included; the frames of one turn leave in one write per socket; sockets that are owed the same frames
 * share the joined bytes.
 */
import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect } from 'mqtt';
import { WebSocketServer } from 'ws';
import { deviceOf, nextMessage, wantedDevices } from './frame.ts';

/** Joining more saves nothing, and a burst would wait in this process instead of in the kernel. */
const joinedBytes = 64 * 1024;

class Outlet {
  readonly #socket: Duplex;
  frames: Buffer[] = [];
  #bytes = 0;

  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  add(frame: Buffer): void {
    if (this.#bytes === 0) due.push(this);
    this.frames.push(frame);
    this.#bytes += frame.length;
    if (this.#bytes >= joinedBytes) this.flush();
  }

  flush(): void {
    if (this.#bytes === 0) return;
    this.#socket.write(joined(this.frames, this.#bytes));
    this.frames = [];
    this.#bytes = 0;
  }
}

const subscribers = new Map<string, Set<Outlet>>();
let due: Outlet[] = [];
let isFlushing = false;
let place = 0;
let lastFrames: Buffer[] = [];
let lastJoined = Buffer.alloc(0);

function joined(frames: Buffer[], bytes: number): Buffer {
  const [only] = frames;
  if (frames.length === 1 && only !== undefined) return only;
  if (!areEqual(frames, lastFrames)) {
    lastFrames = frames;
    lastJoined = Buffer.concat(frames, bytes);
  }
  return lastJoined;
}

function areEqual(some: Buffer[], others: Buffer[]): boolean {
  if (some.length !== others.length) return false;
  for (let i = 0; i < some.length; i++) if (some[i] !== others[i]) return false;
  return true;
}

function flush(): void {
  isFlushing = false;
  const outlets = due;
  due = [];
  for (const outlet of outlets) outlet.flush();
}

function textFrame(message: string): Buffer {
  const length = Buffer.byteLength(message);
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(header + length);
  frame[0] = 0x81;
  if (header === 2) frame[1] = length;
  if (header === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  }
  if (header === 10) {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(message, header);
  return frame;
}

const server = createServer();
const sockets = new WebSocketServer({ noServer: true });
server.on('upgrade', (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (client) => {
    const outlet = new Outlet(socket);
    const devices = wantedDevices(request.url);
    for (const device of devices) {
      const all = subscribers.get(device) ?? new Set();
      subscribers.set(device, all.add(outlet));
    }
    client.on('error', () => client.terminate());
    client.on('close', () => {
      for (const device of devices) subscribers.get(device)?.delete(outlet);
    });
  });
});

const mqtt = connect(process.env['BENCH_MQTT_URL'] ?? '');
mqtt.on('message', (topic, payload) => {
  const device = deviceOf(topic);
  const all = subscribers.get(device);
  if (all === undefined) return;
  const frame = textFrame(nextMessage(device, topic, payload, ++place));
  for (const outlet of all) outlet.add(frame);
  if (isFlushing) return;
  isFlushing = true;
  setImmediate(flush);
});
await mqtt.subscribeAsync('devices/+/messages');
server.listen(Number(process.env['BENCH_PORT']), '127.0.0.1', 4096, () => {
  process.stdout.write('ready\n');
});
