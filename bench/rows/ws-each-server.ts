/** Bare ws: the message is made once, and sent once to each subscriber. */
import { createServer } from 'node:http';
import { connect } from 'mqtt';
import { WebSocketServer, type WebSocket } from 'ws';
import { deviceOf, nextMessage, wantedDevices } from './frame.ts';

const subscribers = new Map<string, Set<WebSocket>>();
let place = 0;

const server = createServer();
const sockets = new WebSocketServer({ server });
sockets.on('connection', (socket, request) => {
  const devices = wantedDevices(request.url);
  for (const device of devices) {
    const all = subscribers.get(device) ?? new Set();
    subscribers.set(device, all.add(socket));
  }
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    for (const device of devices) subscribers.get(device)?.delete(socket);
  });
});

const mqtt = connect(process.env['BENCH_MQTT_URL'] ?? '');
mqtt.on('message', (topic, payload) => {
  const device = deviceOf(topic);
  const all = subscribers.get(device);
  if (all === undefined) return;
  const message = Buffer.from(nextMessage(device, topic, payload, ++place));
  for (const socket of all) socket.send(message, { binary: false });
});
await mqtt.subscribeAsync('devices/+/messages');
server.listen(Number(process.env['BENCH_PORT']), '127.0.0.1', 4096, () => {
  process.stdout.write('ready\n');
});
