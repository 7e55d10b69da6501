import { signal } from '@preact/signals';
import { jsonText } from '../state/json-text.ts';
import type { Entry } from '../state/messages.ts';
import { CopyButton } from './copy-button.tsx';
import { DeviceName } from './device-name.tsx';
import { RetainedMark } from './retained-mark.tsx';

type MessageEntry = Extract<Entry, { kind: 'message' }>;

/** In characters: a page of text. More is there to be copied. */
const mostShown = 20_000;

/** The message that is read in full. */
export const opened = signal<MessageEntry | undefined>(undefined);

export function MessageDetail({ entry: { message } }: { readonly entry: MessageEntry }) {
  const text = jsonText(message.payload, 2);
  return (
    <div class="detail" role="group" aria-label="Message">
      <div class="controls">
        <b class="topic">
          <DeviceName id={message.topic} />
        </b>
        {message.retained && <RetainedMark />}
        <time>{message.receivedAt}</time>
        <CopyButton label="Copy" what="this message" text={() => text} />
        <button type="button" onClick={() => (opened.value = undefined)}>
          Close
        </button>
      </div>
      <pre tabIndex={0} role="region" aria-label="Payload">
        {text.slice(0, mostShown)}
      </pre>
      {text.length > mostShown && (
        <small>
          The first {mostShown.toLocaleString('en')} of {text.length.toLocaleString('en')}{' '}
          characters; Copy takes all.
        </small>
      )}
    </div>
  );
}
