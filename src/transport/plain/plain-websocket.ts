import type { TransportContext } from '../transport-context.ts';
import { CloseCode } from '../websocket/close-code.ts';
import {
  WebSocketConnection,
  type WebSocketConnectionOptions,
} from '../websocket/websocket-connection.ts';
import type { WebSocketEndpoint } from '../websocket/websocket-endpoint.ts';
import type { PlainForms } from './plain-form.ts';
import { asksForGaps, keepAliveData, PlainRequestError, subscribePlain } from './plain-stream.ts';

const noBytes = Buffer.alloc(0);
/** The maximum size of a message of a client: clients have nothing to send. */
const maxMessageBytes = 1_024;

/** The plain stream over a WebSocket: `message`, `ping` and `error`, and `gap` on request. */
export function createPlainWebSocket(
  context: TransportContext,
  forms: PlainForms,
): WebSocketEndpoint {
  const { hide } = context;

  async function open(
    options: WebSocketConnectionOptions,
    searchParams: URLSearchParams,
  ): Promise<void> {
    const connection = new PlainWebSocketConnection(context, options);
    const { messages, gaps } = connection.compressed ? forms.compressedWebSocket : forms.webSocket;
    try {
      const tellsGaps = asksForGaps(searchParams);
      const subscription = await subscribePlain(context, searchParams, options.caller);
      connection.outgoing.add({
        subscription,
        rendering: messages,
        gaps: tellsGaps ? gaps : undefined,
        head: () => noBytes,
        ended(reason, error) {
          if (reason === 'CONNECTION_LOST' || reason === 'SHUTTING_DOWN') return;
          connection.fail(
            error === undefined ? 'The stream has ended' : hide(error).message,
            reason === 'SLOW_CONSUMER' ? CloseCode.TryAgainLater : CloseCode.InternalError,
          );
        },
      });
    } catch (error) {
      if (error instanceof PlainRequestError) connection.fail(error.message, CloseCode.BadRequest);
      // No caller would catch the error.
      else connection.fail(hide(error).message, CloseCode.InternalError);
    }
  }

  return {
    transport: 'plain-websocket',
    maxMessageBytes,
    open: (options, searchParams) => void open(options, searchParams),
  };
}

/** The frames of the plain stream around its messages. */
class PlainWebSocketConnection extends WebSocketConnection {
  override received(): undefined {
    // The stream has one direction: messages of the client are ignored.
  }

  override keepAlive(): void {
    this.send(`{"event":"ping","data":${keepAliveData}}`);
    super.keepAlive();
  }

  fail(message: string, code: number): void {
    this.send(JSON.stringify({ event: 'error', data: { message } }));
    this.close(code, 'See the error event');
  }
}
