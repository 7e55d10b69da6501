import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startChild, type Child } from '../measure/child.ts';
import type { Row, Site } from './row.ts';

/** Debian puts it where only an administrator's PATH looks. */
const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];

/** 0 is "no limit" in both queues: what the broker drops, no server could deliver. */
function configuration(mqttPort: number, webSocketPort: number | undefined): string {
  const lines = [
    'per_listener_settings false',
    'allow_anonymous true',
    'persistence false',
    'max_queued_messages 0',
    'max_inflight_messages 0',
    'set_tcp_nodelay true',
    'log_dest stderr',
    'log_type error',
    `listener ${mqttPort} 127.0.0.1`,
  ];
  if (webSocketPort !== undefined) {
    lines.push(`listener ${webSocketPort} 127.0.0.1`, 'protocol websockets');
  }
  // It would change to a user that may not exist.
  if (userInfo().uid === 0) lines.unshift('user root');
  return `${lines.join('\n')}\n`;
}

export async function startMosquitto(
  site: Omit<Site, 'port'>,
  webSocketPort?: number,
): Promise<Child> {
  const binary = folders
    .map((folder) => join(folder, 'mosquitto'))
    .find((file) => existsSync(file));
  if (binary === undefined) throw new Error('mosquitto is not installed');
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  const file = join(folder, 'mosquitto.conf');
  await writeFile(file, configuration(site.mqttPort, webSocketPort));
  const child = startChild({ name: 'mosquitto', command: [binary, '-c', file], cpus: site.cpus });
  void child.ended.then(() => rm(folder, { recursive: true, force: true }));
  const ports = webSocketPort === undefined ? [site.mqttPort] : [site.mqttPort, webSocketPort];
  for (const port of ports) await Promise.race([listening(port), failed(child)]);
  return child;
}

async function failed(child: Child): Promise<never> {
  throw new Error(await child.ended);
}

async function listening(port: number): Promise<void> {
  for (;;) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port });
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
    await delay(10);
  }
}

export const mosquittoRow: Row = {
  name: 'mosquitto',
  about: 'Mosquitto (C), its own WebSocket listener: MQTT to the client',
  dialogue: 'mqtt-websocket',
  isBroker: true,
  collects: false,
  start: (site) => startMosquitto(site, site.port),
};
