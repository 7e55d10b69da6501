import { RawSocket } from './raw-socket.ts';

/** A client that goes while it sends its request: one line with a stack in the log, at level debug. */
export async function abortRequest(url: string): Promise<void> {
  await using socket = await RawSocket.connect(url);
  await socket.write(
    'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{',
  );
}
