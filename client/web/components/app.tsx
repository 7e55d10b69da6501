import { computed, signal } from '@preact/signals';
import { latest } from '../state/stats.ts';
import { ConnectionBadge, ConnectionPanel } from './connection-panel.tsx';
import { DeviceList } from './device-list.tsx';
import { GatewayPanel } from './gateway-panel.tsx';
import { LiveView } from './live-view.tsx';

const views = ['Devices', 'Live', 'Gateway', 'Connection'] as const;
type View = (typeof views)[number];

/** Side by side with the live view where there is room. */
const narrow = matchMedia('(max-width: 800px)');
const isNarrow = signal(narrow.matches);
narrow.addEventListener('change', ({ matches }) => (isNarrow.value = matches));

const chosen = signal<View>('Devices');
const view = computed<View>(() =>
  chosen.value === 'Devices' && !isNarrow.value ? 'Live' : chosen.value,
);
const offered = computed(() => views.filter((name) => isNarrow.value || name !== 'Devices'));

export function App() {
  const broker = latest.value?.stats.ingestConnected;
  return (
    <div class="app" data-view={view.value.toLowerCase()}>
      <header>
        <h1>Sluice</h1>
        <nav aria-label="Views">
          {offered.value.map((name) => (
            <button
              type="button"
              key={name}
              aria-current={view.value === name ? 'page' : undefined}
              onClick={() => (chosen.value = name)}
            >
              {name}
            </button>
          ))}
          <a href="./graphql">GraphiQL</a>
        </nav>
        <ConnectionBadge />
      </header>
      {broker === false && (
        <p role="alert" class="banner">
          The MQTT broker is not connected: no new messages come. The gateway keeps trying.
        </p>
      )}
      <main>
        <DeviceList />
        {view.value === 'Live' && <LiveView />}
        {view.value === 'Gateway' && <GatewayPanel />}
        {view.value === 'Connection' && <ConnectionPanel />}
      </main>
    </div>
  );
}
