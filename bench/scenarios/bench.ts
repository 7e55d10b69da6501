import { createServer } from 'node:net';
import { once } from 'node:events';
import { Load } from '../load/load.ts';
import type { Shape } from '../load/shape.ts';
import type { Pinning } from '../machine.ts';
import type { Child } from '../measure/child.ts';
import { startMosquitto } from '../rows/mosquitto.ts';
import type { Row, Site } from '../rows/row.ts';

export interface Durations {
  readonly warmUpSeconds: number;
  readonly rateSeconds: number;
  readonly saturateSeconds: number;
  readonly bursts: number;
  /** At the memory scenarios: readings until the resident set counts as at rest. */
  readonly memoryReadings: number;
}

/** A row's server with the broker that feeds it, started for one scenario and ended with it. */
export class Bench implements AsyncDisposable {
  readonly row: Row;
  readonly durations: Durations;
  readonly server: Child;
  readonly #site: Site;
  readonly #broker: Child | undefined;
  readonly #pinning: Pinning;
  readonly #loads: Load[] = [];

  private constructor(
    parts: { row: Row; durations: Durations; pinning: Pinning; site: Site },
    server: Child,
    broker: Child | undefined,
  ) {
    this.row = parts.row;
    this.durations = parts.durations;
    this.#pinning = parts.pinning;
    this.#site = parts.site;
    this.server = server;
    this.#broker = broker;
  }

  static async start(row: Row, durations: Durations, pinning: Pinning): Promise<Bench> {
    const site = { port: await freePort(), mqttPort: await freePort(), cpus: pinning.server };
    const broker = row.isBroker
      ? undefined
      : await startMosquitto({ mqttPort: site.mqttPort, cpus: pinning.broker });
    try {
      const server = await row.start(site);
      return new Bench({ row, durations, pinning, site }, server, broker);
    } catch (error) {
      await broker?.stop();
      throw error;
    }
  }

  /** Connects and subscribes all clients of the shape; rejects as well when the server dies of it. */
  async open(shape: Shape): Promise<Load> {
    const target = {
      mqttPort: this.#site.mqttPort,
      port: this.#site.port,
      dialogue: this.row.dialogue,
    };
    const load = await this.whileAlive(Load.open(shape, target, this.#pinning.load));
    this.#loads.push(load);
    return load;
  }

  async whileAlive<T>(work: Promise<T>): Promise<T> {
    const died = this.server.ended.then((how): never => {
      throw new Error(how);
    });
    return Promise.race([work, died]);
  }

  async dropped(): Promise<number | undefined> {
    return this.row.dropped?.(this.#site);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const load of this.#loads) await load[Symbol.asyncDispose]();
    await this.server.stop();
    await this.#broker?.stop();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
