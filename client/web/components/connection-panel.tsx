import { duration, now } from '../state/clock.ts';
import {
  client,
  connect,
  disconnect,
  latencyMs,
  liveSince,
  liveTransport,
  messagesReceived,
  pingsAnswered,
  reconnects,
  status,
  switchTransport,
  token,
  tokenIsNew,
  transport,
} from '../state/connection.ts';
import { CodeSamples } from './code-samples.tsx';

const transports = [
  ['auto', 'Automatic'],
  ['ws', 'WebSocket'],
  ['sse', 'Server-Sent Events'],
] as const;

/** In the header. What counts down is not read out every second. */
export function ConnectionBadge() {
  return (
    <span class="badge" data-state={status.value.state}>
      <span role="status">{stateText()}</span>
      <span aria-hidden="true">{countdown()}</span>
    </span>
  );
}

function stateText(): string {
  const is = status.value;
  switch (is.state) {
    case 'connecting':
      return 'Connecting…';
    case 'live':
      return `Live over ${is.transport === 'ws' ? 'WebSocket' : 'SSE'}`;
    case 'reconnecting':
      return 'Reconnecting';
    case 'closed':
      return 'Not connected';
  }
}

function countdown(): string {
  const is = status.value;
  if (is.state !== 'reconnecting') return '';
  return ` in ${Math.max(0, Math.ceil((is.retryAt - now.value) / 1000))} s`;
}

function facts(): readonly (readonly [string, string | number])[] {
  const is = status.value;
  const isSse = liveTransport.value === 'sse';
  return [
    ['State', stateText() + countdown()],
    ['Why', 'reason' in is ? is.reason : '–'],
    ['Attempt', 'attempt' in is ? is.attempt : '–'],
    [
      'Up for',
      liveSince.value === undefined ? '–' : duration((now.value - liveSince.value) / 1000),
    ],
    [
      isSse ? 'Latency of a query' : 'Latency of a ping',
      latencyMs.value === undefined ? '–' : `${latencyMs.value.toFixed(1)} ms`,
    ],
    ['Messages', messagesReceived.value.toLocaleString('en')],
    [
      'Keep-alives answered',
      isSse ? 'not countable over SSE' : pingsAnswered.value.toLocaleString('en'),
    ],
    ['Reconnects', reconnects.value],
  ];
}

export function ConnectionPanel() {
  return (
    <section class="connection" tabIndex={0} aria-label="Connection">
      <div class="card">
        <fieldset class="fields">
          <legend>Transport</legend>
          {transports.map(([kind, name]) => (
            <label key={kind}>
              <input
                type="radio"
                name="transport"
                checked={transport.value === kind}
                onChange={() => switchTransport(kind)}
              />{' '}
              {name}
            </label>
          ))}
        </fieldset>
        <form
          class="controls"
          onSubmit={(event) => {
            event.preventDefault();
            connect();
          }}
        >
          <label>
            Token{' '}
            <input
              type="password"
              autocomplete="off"
              spellcheck={false}
              value={token}
              onInput={(event) => (token.value = event.currentTarget.value)}
            />
          </label>
          {(client.value === undefined || tokenIsNew.value) && (
            <button type="submit" class="primary">
              {client.value === undefined ? 'Connect' : 'Reconnect with this token'}
            </button>
          )}
          {client.value !== undefined && (
            <button type="button" onClick={disconnect}>
              Disconnect
            </button>
          )}
        </form>
        <dl class="facts">
          {facts().map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </div>
      <CodeSamples />
    </section>
  );
}
