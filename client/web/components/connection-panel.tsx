import { now } from '../state/clock.ts';
import {
  client,
  connect,
  disconnect,
  latencies,
  liveSince,
  messagesReceived,
  pingsAnswered,
  reconnects,
  status,
  switchTransport,
  token,
  transport,
} from '../state/connection.ts';
import { CodeSamples } from './code-samples.tsx';

export function ConnectionBadge() {
  return (
    <span role="status" class="badge" data-state={status.value.state}>
      {stateText()}
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
      return `Reconnecting in ${Math.max(0, Math.ceil((is.retryAt - now.value) / 1000))} s`;
    case 'closed':
      return 'Not connected';
  }
}

export function ConnectionPanel() {
  const is = status.value;
  const facts: readonly (readonly [string, string | number])[] = [
    ['State', stateText()],
    ['Why', 'reason' in is ? is.reason : '–'],
    [
      'Up for',
      liveSince.value === undefined
        ? '–'
        : `${Math.max(0, Math.round((now.value - liveSince.value) / 1000))} s`,
    ],
    ['Latency', latencies.value.length === 0 ? '–' : `${latencies.value.at(-1)!.toFixed(1)} ms`],
    ['Messages', messagesReceived.value],
    ['Keep-alives answered', pingsAnswered.value],
    ['Reconnects', reconnects.value],
  ];
  return (
    <section class="connection" aria-label="Connection">
      <div class="card">
        <fieldset class="fields">
          <legend>Transport</legend>
          {(['ws', 'sse'] as const).map((kind) => (
            <label key={kind}>
              <input
                type="radio"
                name="transport"
                checked={transport.value === kind}
                onChange={() => switchTransport(kind)}
              />{' '}
              {kind === 'ws' ? 'WebSocket' : 'Server-Sent Events'}
            </label>
          ))}
        </fieldset>
        <label>
          Token{' '}
          <input
            type="password"
            autocomplete="off"
            value={token}
            onInput={(event) => (token.value = event.currentTarget.value)}
          />
        </label>{' '}
        <button
          type="button"
          class="primary"
          onClick={client.value === undefined ? connect : disconnect}
        >
          {client.value === undefined ? 'Connect' : 'Disconnect'}
        </button>
        <dl class="facts">
          {facts.map(([name, value]) => (
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
