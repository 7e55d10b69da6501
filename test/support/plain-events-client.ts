import { EventSource } from 'eventsource';
import { Inbox } from './inbox.ts';
import type { Arrival, OpenStream } from './message-stream.ts';
import { plainStreamPath } from './plain-stream-path.ts';

export const openPlainEvents: OpenStream = async (gateway, deviceIds) => {
  const arrivals = new Inbox<Arrival>();
  const source = new EventSource(gateway.url + plainStreamPath(deviceIds));
  source.addEventListener('message', ({ data }: { data: string }) => {
    const { device_id: deviceId } = JSON.parse(data) as { device_id: unknown };
    arrivals.push({ deviceId: String(deviceId), text: data });
  });
  await new Promise<void>((resolve, reject) => {
    source.addEventListener('open', () => resolve());
    source.addEventListener('error', ({ message }) => {
      // It would come back by itself, which no test of a stream's end wants.
      source.close();
      const error = new Error(message ?? 'the stream has ended');
      arrivals.end(error);
      reject(error);
    });
  });
  return {
    arrivals,
    close: () => Promise.resolve(source.close()),
    kill: () => source.close(),
  };
};
