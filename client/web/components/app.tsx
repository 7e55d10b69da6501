import { signal } from '@preact/signals';
import { latest } from '../state/stats.ts';
import { ConnectionBadge, ConnectionPanel } from './connection-panel.tsx';
import { DeviceList } from './device-list.tsx';
import { GatewayPanel } from './gateway-panel.tsx';
import { LiveView } from './live-view.tsx';

const views = ['Devices', 'Live', 'Gateway', 'Connection'] as const;
const view = signal<(typeof views)[number]>('Devices');

export function App() {
  const broker = latest.value?.stats.ingestConnected;
  return (
    <div class="app" data-view={view.value.toLowerCase()}>
      <header>
        <h1>Sluice</h1>
        <nav aria-label="Views">
          {views.map((name) => (
            <button
              type="button"
              key={name}
              aria-current={view.value === name ? 'page' : undefined}
              onClick={() => (view.value = name)}
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
        {(view.value === 'Devices' || view.value === 'Live') && <LiveView />}
        {view.value === 'Gateway' && <GatewayPanel />}
        {view.value === 'Connection' && <ConnectionPanel />}
      </main>
    </div>
  );
}
