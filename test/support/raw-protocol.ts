import type { ProtocolMessage } from './graphql-transport-ws.ts';
import { Inbox } from './inbox.ts';
import { RawSocket } from './raw-socket.ts';
import { clientFrame, FrameReader, Opcode, upgradeRequest } from './websocket-frames.ts';

/** A client of graphql-transport-ws that decides which bytes leave together, and whether any are read. */
export interface RawProtocol extends AsyncDisposable {
  readonly socket: RawSocket;
  readonly said: Inbox<ProtocolMessage>;
  /** Sends all of them in one chunk. */
  say(...messages: readonly ProtocolMessage[]): Promise<void>;
}

/** Resolves when it has been acknowledged. */
export async function openRawProtocol(url: string): Promise<RawProtocol> {
  const socket = await RawSocket.connect(url);
  const said = new Inbox<ProtocolMessage>();
  await socket.write(upgradeRequest('/graphql', 'graphql-transport-ws'));
  const head = await socket.head();
  if (!head.startsWith('HTTP/1.1 101')) throw new Error(`not accepted: ${head}`);
  const reader = new FrameReader(({ opcode, content }) => {
    if (opcode === Opcode.text) said.push(JSON.parse(content.toString()) as ProtocolMessage);
  });
  socket.readAll((chunk) => reader.write(chunk));
  void socket.closed.then(() => said.end(new Error('the connection is closed')));
  const client: RawProtocol = {
    socket,
    said,
    say: (...messages) =>
      socket.write(
        Buffer.concat(messages.map((each) => clientFrame(Opcode.text, JSON.stringify(each)))),
      ),
    [Symbol.asyncDispose]: () => socket[Symbol.asyncDispose](),
  };
  await client.say({ type: 'connection_init' });
  await said.next();
  return client;
}
