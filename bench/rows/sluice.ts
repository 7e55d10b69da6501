import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { DialogueName } from '../load/dialogue.ts';
import type { Child } from '../measure/child.ts';
import { startNode } from './node-server.ts';
import type { Row, Site } from './row.ts';

const command = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const startTimeoutMs = 10_000;

async function start(site: Site): Promise<Child> {
  if (!existsSync(command)) throw new Error('it is not built: npm run build');
  const env = {
    SLUICE_PORT: String(site.port),
    SLUICE_MQTT_URL: `mqtt://127.0.0.1:${site.mqttPort}`,
    SLUICE_LOG_LEVEL: 'warn',
  };
  // As `npm start` does it.
  const child = startNode('sluice', ['--max-semi-space-size=16', command, 'serve'], env, site);
  const deadline = performance.now() + startTimeoutMs;
  const ended = child.ended.then((how): never => {
    throw new Error(how);
  });
  while (!(await Promise.race([isReady(site), ended]))) {
    if (performance.now() > deadline) {
      await child.stop();
      throw new Error(`GET /ready is not 200 after ${startTimeoutMs} ms; ${await child.ended}`);
    }
    await delay(20);
  }
  return child;
}

async function isReady(site: Site): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${site.port}/ready`);
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false; // Not listening yet.
  }
}

async function dropped(site: Site): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${site.port}/api/v1/stream/stats`);
  return Number(((await response.json()) as { messages_dropped?: unknown }).messages_dropped);
}

function sluice(name: string, about: string, dialogue: DialogueName): Row {
  return { name, about, dialogue, isBroker: false, collects: true, start, dropped };
}

export const sluiceRows: readonly Row[] = [
  sluice('sluice', 'Sluice, GraphQL over WebSocket', 'graphql-websocket'),
  sluice('sluice-sse', 'Sluice, GraphQL over Server-Sent Events', 'graphql-sse'),
  sluice('sluice-plain', 'Sluice, the plain stream over WebSocket', 'plain-websocket'),
  sluice('sluice-plain-sse', 'Sluice, the plain stream over Server-Sent Events', 'plain-sse'),
];
