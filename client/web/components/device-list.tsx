import {
  devices,
  devicesError,
  devicesLoaded,
  search,
  shownDevices,
  sortKey,
  type DeviceRow,
  type SortKey,
} from '../state/devices.ts';
import { now } from '../state/clock.ts';
import { colorOf } from '../state/palette.ts';
import { isWatched, mostWatched, unwatch, watch, watched } from '../state/watched.ts';
import { Sparkline } from '../charts/sparkline.tsx';
import { DeviceName } from './device-name.tsx';
import { RetainedMark } from './retained-mark.tsx';
import { VirtualList } from './virtual-list.tsx';

const isFull = (): boolean => watched.value.size >= mostWatched;

export function DeviceList() {
  const shown = shownDevices.value;
  return (
    <section class="devices" aria-label="Devices">
      <h2>
        Devices <small>{devices.value.size.toLocaleString('en')}</small>
      </h2>
      <div class="controls">
        <input
          type="search"
          aria-label="Search devices"
          placeholder="Search by id or value"
          value={search}
          onInput={(event) => (search.value = event.currentTarget.value)}
        />
        <select
          aria-label="Sort by"
          value={sortKey}
          onChange={(event) => (sortKey.value = event.currentTarget.value as SortKey)}
        >
          <option value="id">Name</option>
          <option value="lastSeenAt">Last seen</option>
          <option value="rate">Rate</option>
        </select>
      </div>
      {devicesError.value !== undefined && <p role="alert">{devicesError.value}</p>}
      {emptyText(shown)}
      {isFull() && <p class="note">{mostWatched} are watched, which is the most.</p>}
      <VirtualList
        label="List of devices"
        items={shown}
        rowHeight={56}
        keyOf={({ id }) => id}
        multiselectable
        isSelected={({ id }) => isWatched(id)}
        choose={({ id }) => (isWatched(id) ? unwatch(id) : watch(id))}
        row={(device) => <Row device={device} />}
      />
    </section>
  );
}

function emptyText(shown: readonly DeviceRow[]) {
  if (!devicesLoaded.value) return devices.value.size === 0 && <p>Asking for the devices…</p>;
  if (devices.value.size === 0) {
    return <p>No device has sent anything yet. They appear here with their first message.</p>;
  }
  return shown.length === 0 && <p role="status">No device matches “{search}”.</p>;
}

function Row({ device }: { readonly device: DeviceRow }) {
  const place = watched.value.get(device.id);
  return (
    <div class="device">
      <span class="tick" style={{ background: place === undefined ? '' : colorOf(place) }} />
      <span class="name">
        <b>
          <DeviceName id={device.id} />
        </b>{' '}
        {online(device)} {device.retained && <RetainedMark />}
      </span>
      <span class="value">{device.lastValue || '–'}</span>
      <span class="rate">
        <Sparkline values={device.rates?.values ?? []} />
        <small>
          {device.rates?.perS === undefined ? '' : `${device.rates.perS.toFixed(1)}/s · `}
          <Ago time={device.lastSeenAt} />
        </small>
      </span>
    </div>
  );
}

function online({ online: is }: DeviceRow) {
  if (is === null) return null;
  return <small class={is ? 'good' : 'bad'}>{is ? 'online' : 'offline'}</small>;
}

/** Apart, so that the clock draws this text alone. */
function Ago({ time }: { readonly time: number | undefined }) {
  if (time === undefined) return <>never</>;
  const seconds = Math.max(0, Math.round((now.value - time) / 1000));
  if (seconds < 2) return <>now</>;
  return <>{seconds < 120 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`}</>;
}
