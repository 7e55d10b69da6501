import { signal } from '@preact/signals';
import { TimeChart } from '../charts/time-chart.tsx';
import { TrackMap } from '../charts/track-map.tsx';
import { shownDevices } from '../state/devices.ts';
import type { Series } from '../state/series.ts';
import { chosenFields, fields, seriesOf, toggleField } from '../state/fields.ts';
import { arrivals } from '../state/messages.ts';
import { colorOf } from '../state/palette.ts';
import { hasTracks } from '../state/tracks.ts';
import { shortened, visible } from '../state/visible-text.ts';
import { unwatch, unwatchAll, watch, watched } from '../state/watched.ts';
import { DeviceName } from './device-name.tsx';
import { MessageList } from './message-list.tsx';

const showsAllFields = signal(false);
const firstFields = 10;

export function LiveView() {
  if (watched.value.size === 0) return <Invitation />;
  return (
    <section class="live" tabIndex={0} aria-label="Live view">
      <div class="chips">
        {[...watched.value].map(([id, place]) => (
          <button
            type="button"
            class="chip"
            key={id}
            onClick={() => unwatch(id)}
            aria-label={`Stop watching ${visible(id)}`}
          >
            <i style={{ background: colorOf(place) }} /> <DeviceName id={id} /> ×
          </button>
        ))}
        <button type="button" onClick={unwatchAll}>
          Clear
        </button>
      </div>
      <MessageList />
      <FieldCharts />
    </section>
  );
}

function Invitation() {
  return (
    <section class="live invitation" aria-label="Live view">
      <h2>Pick devices to watch them live</h2>
      <p>Their messages, charts of their numbers and their track appear here as they come in.</p>
      <button
        type="button"
        class="primary"
        disabled={shownDevices.value.length === 0}
        onClick={() => watch(...shownDevices.value.slice(0, 3).map(({ id }) => id))}
      >
        Watch the first three
      </button>
    </section>
  );
}

function FieldCharts() {
  // Read, so that every arrival draws anew.
  void arrivals.value;
  const devices = [...watched.value];
  const ids = devices.map(([id]) => id);
  const offered = showsAllFields.value ? fields.value : fields.value.slice(0, firstFields);
  return (
    <>
      <fieldset class="fields">
        <legend>Chart</legend>
        {offered.map((field) => (
          <label key={field}>
            <input
              type="checkbox"
              checked={chosenFields.value.has(field)}
              onChange={() => toggleField(field)}
            />{' '}
            <DeviceName id={field} />
          </label>
        ))}
        {fields.value.length > offered.length && (
          <button type="button" onClick={() => (showsAllFields.value = true)}>
            All {fields.value.length}
          </button>
        )}
      </fieldset>
      <div class="grid">
        {hasTracks.value && <TrackMap />}
        {[...chosenFields.value].map((field) => {
          const series = seriesOf(field);
          return series === undefined ? null : (
            <TimeChart
              key={field}
              title={field}
              summary={ids.map((id) => summaryOf(series, id)).join(', ')}
              lines={devices.map(([id, place]) => ({ label: id, color: colorOf(place) }))}
              data={series.columns(ids)}
              gaps={devices.flatMap(([id, place]) =>
                series.gaps(id).map((gap) => ({ ...gap, color: colorOf(place) })),
              )}
            />
          );
        })}
      </div>
    </>
  );
}

/** What a chart shows of a device, in words. */
function summaryOf(series: Series, id: string): string {
  const gaps = series.gaps(id).length;
  return `${shortened(id, 40)} ${series.last(id) ?? 'nothing'}${gaps === 0 ? '' : `, ${gaps} gap${gaps === 1 ? '' : 's'}`}`;
}
