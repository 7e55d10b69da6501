import { signal } from '@preact/signals';
import {
  arrivals,
  clearEntries,
  messageCount,
  newestEntries,
  streamError,
  type Entry,
} from '../state/messages.ts';
import { colorOf } from '../state/palette.ts';
import { watched } from '../state/watched.ts';
import { CopyButton } from './copy-button.tsx';
import { DeviceName } from './device-name.tsx';
import { MessageDetail, opened } from './message-detail.tsx';
import { RetainedMark } from './retained-mark.tsx';
import { VirtualList } from './virtual-list.tsx';

const rowHeight = 30;
const filter = signal('');
/** What was there when the stream was paused; it goes on meanwhile. */
const paused = signal<{ readonly entries: readonly Entry[]; readonly count: number } | undefined>(
  undefined,
);

function pauseOrGoOn(): void {
  paused.value =
    paused.value === undefined ? { entries: newestEntries(), count: messageCount() } : undefined;
}

function clear(): void {
  clearEntries();
  if (paused.value !== undefined) paused.value = { ...paused.value, entries: [] };
}

function filtered(): readonly Entry[] {
  const words = filter.value.toLowerCase();
  const all = paused.value?.entries ?? newestEntries();
  if (words === '') return all;
  return all.filter((entry) =>
    (entry.kind === 'message' ? entry.searched : entry.deviceId.toLowerCase()).includes(words),
  );
}

export function MessageList() {
  // Read, so that every arrival draws anew.
  void arrivals.value;
  const entries = filtered();
  const since = paused.value === undefined ? 0 : messageCount() - paused.value.count;
  return (
    <section class="card messages" aria-label="Messages">
      <div class="controls">
        <h2>Messages</h2>
        <input
          type="search"
          aria-label="Filter messages"
          placeholder="Filter"
          value={filter}
          onInput={(event) => (filter.value = event.currentTarget.value)}
        />
        <button type="button" aria-pressed={paused.value !== undefined} onClick={pauseOrGoOn}>
          {paused.value === undefined ? 'Pause' : `Go on (${since} new)`}
        </button>
        <CopyButton label="Copy all" what="the messages that are shown" text={() => asLines()} />
        <button type="button" onClick={clear}>
          Clear
        </button>
      </div>
      {streamError.value !== undefined && <p role="alert">{streamError.value}</p>}
      <VirtualList
        label="Stream of messages"
        items={entries}
        rowHeight={rowHeight}
        keyOf={({ id }) => id}
        anchored
        isSelected={(entry) => opened.value === entry}
        choose={(entry) => {
          if (entry.kind === 'message') opened.value = entry;
        }}
        row={(entry) => <Row entry={entry} />}
      />
      {opened.value !== undefined && <MessageDetail entry={opened.value} />}
    </section>
  );
}

/** As newline-delimited JSON, the oldest first, with what was missed in its place. */
function asLines(): string {
  return filtered()
    .toReversed()
    .map((entry) =>
      JSON.stringify(
        entry.kind === 'message' ? entry.message : { deviceId: entry.deviceId, gap: entry.gap },
      ),
    )
    .join('\n');
}

function Row({ entry }: { readonly entry: Entry }) {
  if (entry.kind === 'gap') {
    const { missed, reason } = entry.gap;
    return (
      <div class="gap">
        <DeviceName id={entry.deviceId} />: {missed ?? 'an unknown number of'} missed (
        {reason.toLowerCase().replaceAll('_', ' ')})
      </div>
    );
  }
  return (
    <div class="message">
      <i style={{ background: colorOf(watched.value.get(entry.message.deviceId)) }} />
      <time>{new Date(entry.receivedAt).toLocaleTimeString('en-GB')}</time>
      <b>
        <DeviceName id={entry.message.deviceId} />
      </b>
      {entry.message.retained && <RetainedMark />}
      <code>{highlighted(entry.text.slice(0, 400))}</code>
    </div>
  );
}

/** The names of members in a colour of their own. */
function highlighted(json: string) {
  return json
    .split(/("(?:[^"\\]|\\.)*":)/)
    .map((part, i) => (i % 2 === 1 ? <span class="key">{part}</span> : part));
}
