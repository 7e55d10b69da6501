import { codeSamples } from '../state/code-samples.ts';
import { endpoint, liveTransport, token } from '../state/connection.ts';
import { replay } from '../state/messages.ts';
import { watched } from '../state/watched.ts';
import { CopyButton } from './copy-button.tsx';

/** How a program of one's own gets exactly what is on the screen. */
export function CodeSamples() {
  const deviceIds = [...watched.value.keys()];
  if (deviceIds.length === 0) {
    return (
      <div class="card">
        <h2>The same from your own program</h2>
        <p>Pick devices, and the code that gets their messages stands here.</p>
      </div>
    );
  }
  const samples = codeSamples({
    endpoint: endpoint.href,
    deviceIds,
    replay,
    transport: liveTransport.value,
    token: token.value.trim(),
  });
  return (
    <div class="card">
      <h2>The same from your own program</h2>
      {samples.map(({ name, code }, i) => (
        <details key={name} open={i === 0}>
          <summary>{name + overWhat(name)}</summary>
          <pre tabIndex={0} role="region" aria-label={`Code for ${name}`}>
            {code}
          </pre>
          <CopyButton label="Copy" what={`the code for ${name}`} text={() => code} />
        </details>
      ))}
    </div>
  );
}

function overWhat(name: string): string {
  if (name === 'graphql-ws') return ', over WebSocket';
  if (name === 'curl') return ', over Server-Sent Events';
  return liveTransport.value === 'ws' ? ', over WebSocket' : ', over Server-Sent Events';
}
