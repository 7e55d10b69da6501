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
import { mostWatched, unwatch, watch, watched } from '../state/watched.ts';
import { Sparkline } from '../charts/sparkline.tsx';
import { VirtualList } from './virtual-list.tsx';

export function DeviceList() {
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
      {devicesLoaded.value && devices.value.size === 0 && (
        <p>No device has sent anything yet. They appear here with their first message.</p>
      )}
      <VirtualList
        label="List of devices"
        items={shownDevices.value}
        rowHeight={56}
        row={(device) => <Row key={device.id} device={device} />}
      />
    </section>
  );
}

function Row({ device }: { readonly device: DeviceRow }) {
  const place = watched.value.get(device.id);
  const isPicked = place !== undefined;
  const isFull = !isPicked && watched.value.size >= mostWatched;
  return (
    <li class="device" style={{ height: '56px' }}>
      <label>
        <input
          type="checkbox"
          checked={isPicked}
          disabled={isFull}
          style={isPicked ? { accentColor: colorOf(place) } : {}}
          onChange={() => (isPicked ? unwatch(device.id) : watch(device.id))}
        />
        <span class="name">
          <b>{device.id}</b> {online(device)}
        </span>
        <span class="value">{device.lastValue || '–'}</span>
      </label>
      <span class="rate">
        <Sparkline values={device.rates?.values ?? []} />
        <small>
          {device.rates?.perS === undefined ? '' : `${device.rates.perS.toFixed(1)}/s · `}
          {ago(device.lastSeenAt)}
        </small>
      </span>
    </li>
  );
}

function online({ online: is }: DeviceRow) {
  if (is === null) return null;
  return <small class={is ? 'good' : 'bad'}>{is ? 'online' : 'offline'}</small>;
}

function ago(time: number | undefined): string {
  if (time === undefined) return 'never';
  const seconds = Math.max(0, Math.round((now.value - time) / 1000));
  if (seconds < 2) return 'now';
  return seconds < 120 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`;
}
