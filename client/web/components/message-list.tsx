import { signal } from '@preact/signals';
import {
  arrivals,
  clearEntries,
  entryCount,
  newestEntries,
  streamError,
  type Entry,
} from '../state/messages.ts';
import { colorOf } from '../state/palette.ts';
import { watched } from '../state/watched.ts';
import { VirtualList } from './virtual-list.tsx';

const filter = signal('');
const opened = signal<Entry | undefined>(undefined);
/** What was there when the stream was paused; it goes on meanwhile. */
const paused = signal<{ readonly entries: readonly Entry[]; readonly count: number } | undefined>(
  undefined,
);

export function MessageList() {
  void arrivals.value;
  const words = filter.value.toLowerCase();
  const entries = (paused.value?.entries ?? newestEntries()).filter(
    (entry) =>
      words === '' ||
      (entry.kind === 'message' ? entry.searched : entry.deviceId.toLowerCase()).includes(words),
  );
  const since = paused.value === undefined ? 0 : entryCount() - paused.value.count;
  return (
    <section class="card messages" aria-label="Messages">
      <div class="controls">
        <b>Messages</b>
        <input
          type="search"
          aria-label="Filter messages"
          placeholder="Filter"
          value={filter}
          onInput={(event) => (filter.value = event.currentTarget.value)}
        />
        <button
          type="button"
          aria-pressed={paused.value !== undefined}
          onClick={() =>
            (paused.value =
              paused.value === undefined
                ? { entries: newestEntries(), count: entryCount() }
                : undefined)
          }
        >
          {paused.value === undefined ? 'Pause' : `Go on (${since} new)`}
        </button>
        <button type="button" onClick={clearEntries}>
          Clear
        </button>
      </div>
      {streamError.value !== undefined && <p role="alert">{streamError.value}</p>}
      <VirtualList
        label="Stream of messages"
        items={entries}
        rowHeight={30}
        row={(entry) => <Row key={entry.id} entry={entry} />}
      />
      {opened.value?.kind === 'message' && <Detail entry={opened.value} />}
    </section>
  );
}

function Row({ entry }: { readonly entry: Entry }) {
  if (entry.kind === 'gap') {
    const { missed, reason } = entry.gap;
    return (
      <li class="gap" style={{ height: '30px' }}>
        {entry.deviceId}: {missed ?? 'an unknown number of'} missed (
        {reason.toLowerCase().replaceAll('_', ' ')})
      </li>
    );
  }
  return (
    <li style={{ height: '30px' }}>
      <button type="button" class="message" onClick={() => (opened.value = entry)}>
        <i style={{ background: colorOf(watched.value.get(entry.message.deviceId)) }} />
        <time>{new Date(entry.receivedAt).toLocaleTimeString('en-GB')}</time>
        <b>{entry.message.deviceId}</b>
        <code>{highlighted(entry.text.slice(0, 400))}</code>
      </button>
    </li>
  );
}

/** The names of members in a colour of their own. */
function highlighted(json: string) {
  return json
    .split(/("(?:[^"\\]|\\.)*":)/)
    .map((part, i) => (i % 2 === 1 ? <span class="key">{part}</span> : part));
}

function Detail({ entry }: { readonly entry: Extract<Entry, { kind: 'message' }> }) {
  const text = JSON.stringify(entry.message.payload, null, 2);
  return (
    <div class="detail">
      <div class="controls">
        <b>{entry.message.topic}</b>
        <button type="button" onClick={() => void navigator.clipboard.writeText(text)}>
          Copy
        </button>
        <button type="button" onClick={() => (opened.value = undefined)}>
          Close
        </button>
      </div>
      <pre tabIndex={0}>{text.slice(0, 20_000)}</pre>
    </div>
  );
}
