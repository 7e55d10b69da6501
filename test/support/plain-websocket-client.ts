import { once } from 'node:events';
import { WebSocket } from 'ws';
import { Inbox } from './inbox.ts';
import { memberText } from './json-text.ts';
import type { Arrival, OpenStream } from './message-stream.ts';
import { plainStreamPath } from './plain-stream-path.ts';

export const openPlainWebSocket: OpenStream = async (gateway, deviceIds) => {
  const arrivals = new Inbox<Arrival>();
  const socket = new WebSocket(gateway.webSocketUrl + plainStreamPath(deviceIds));
  socket.on('message', (data: Buffer) => {
    const frame = data.toString();
    const { event, data: message } = JSON.parse(frame) as {
      event: string;
      data: { device_id: unknown };
    };
    if (event !== 'message') return;
    arrivals.push({ deviceId: String(message.device_id), text: memberText(frame, 'data') });
  });
  socket.on('close', (code) => arrivals.end(new Error(`closed with ${code}`)));
  await once(socket, 'open');
  return {
    arrivals,
    async close() {
      if (socket.readyState === WebSocket.CLOSED) return;
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
    kill: () => socket.terminate(),
  };
};
