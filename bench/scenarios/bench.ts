import { createServer } from 'node:net';
import { once } from 'node:events';
import { Load } from '../load/load.ts';
import type { Shape } from '../load/shape.ts';
import type { Pinning } from '../machine.ts';
import type { Child } from '../measure/child.ts';
import type { Pids } from '../measure/usage.ts';
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

export interface BenchOptions {
  readonly row: Row;
  readonly durations: Durations;
  readonly pinning: Pinning;
  readonly shape: Shape;
  /** Instead of Mosquitto the load feeds the server. */
  readonly playsBroker: boolean;
}

/** A row's server with what feeds and loads it, started for one scenario and ended with it. */
export class Bench implements AsyncDisposable {
  readonly row: Row;
  readonly durations: Durations;
  readonly server: Child;
  readonly #options: BenchOptions;
  readonly #site: Site;
  readonly #broker: Child | undefined;
  readonly #load: Load;

  private constructor(options: BenchOptions, site: Site, parts: Parts) {
    this.row = options.row;
    this.durations = options.durations;
    this.#options = options;
    this.#site = site;
    this.server = parts.server;
    this.#broker = parts.broker;
    this.#load = parts.load;
  }

  /** What it has started when something fails, the caller ends with `stopChildren`. */
  static async start(options: BenchOptions): Promise<Bench> {
    const { row, pinning, shape } = options;
    const site = { port: await freePort(), mqttPort: await freePort(), cpus: pinning.server };
    const plays = options.playsBroker && !row.isBroker;
    const broker =
      plays || row.isBroker
        ? undefined
        : await startMosquitto({ mqttPort: site.mqttPort, cpus: pinning.broker });
    const startLoad = () => Load.start(shape, { mqttPort: site.mqttPort, plays }, pinning.load);
    // A played broker has to be there before the server, a real one before the publisher.
    const early = row.isBroker ? undefined : await startLoad();
    const server = await row.start(site);
    return new Bench(options, site, { server, broker, load: early ?? (await startLoad()) });
  }

  /** Connects and subscribes the clients; rejects as well when the server dies of it. */
  async open(): Promise<Load> {
    await this.#connect(this.#load);
    return this.#load;
  }

  /** A load for a while, with other clients than the scenario's. */
  async openOther(shape: Shape): Promise<Load> {
    const feed = { mqttPort: this.#site.mqttPort, plays: false };
    const load = await Load.start(shape, feed, this.#options.pinning.load);
    await this.#connect(load);
    return load;
  }

  async whileAlive<T>(work: Promise<T>): Promise<T> {
    const died = this.server.ended.then((how): never => {
      throw new Error(how);
    });
    return Promise.race([work, died]);
  }

  pids(load: Load): Pids {
    return { server: this.server.pid, broker: this.#broker?.pid, load: load.pid };
  }

  async dropped(): Promise<number | undefined> {
    return this.row.dropped?.(this.#site);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([
      this.#load[Symbol.asyncDispose](),
      this.server.stop(),
      this.#broker?.stop(),
    ]);
  }

  async #connect(load: Load): Promise<void> {
    const { port } = this.#site;
    await this.whileAlive(load.connect({ port, dialogue: this.row.dialogue }));
  }
}

interface Parts {
  readonly server: Child;
  readonly broker: Child | undefined;
  readonly load: Load;
}

/** Below the range from which the kernel takes the ports of the load's own connections. */
let nextPort = 20_000 + (process.pid % 5_000);

async function freePort(): Promise<number> {
  for (;;) {
    nextPort = nextPort < 32_000 ? nextPort + 1 : 20_000;
    const server = createServer().listen(nextPort, '127.0.0.1');
    const [listens] = await Promise.race([
      once(server, 'listening').then(() => [true]),
      once(server, 'error').then(() => [false]),
    ]);
    if (!listens) continue;
    server.close();
    await once(server, 'close');
    return nextPort;
  }
}
