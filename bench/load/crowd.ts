import { setTimeout as delay } from 'node:timers/promises';
import { nowMicros } from './clock.ts';
import { BareClient } from './bare-client.ts';
import { dialogues } from './dialogue.ts';
import { Findings } from './findings.ts';
import type { Ledger } from './ledger.ts';
import { fillerDevice, watchedBy, type Shape, type Target } from './shape.ts';
import { Watcher } from './watcher.ts';

const handshakesAtOnce = 100;
/** One source address has some 28,000 ports; further clients come from 127.0.0.2 and so on. */
const clientsPerAddress = 10_000;

/** All subscribed clients of the process. */
export class Crowd {
  readonly findings = new Findings();
  readonly watchers: Watcher[];
  /** The clock when the last message was read. */
  lastArrival = 0;
  readonly #ledger: Ledger;
  readonly #shape: Shape;

  constructor(shape: Shape, ledger: Ledger) {
    this.#ledger = ledger;
    this.#shape = shape;
    this.watchers = Array.from({ length: shape.connections + (shape.stalling ?? 0) }, (_, i) => {
      const stalls = i >= shape.connections;
      const devices = stalls ? [0, fillerDevice(shape)] : watchedBy(i, shape);
      return new Watcher(i, devices, this.findings);
    });
  }

  get healthy(): Watcher[] {
    return this.watchers.slice(0, this.#shape.connections);
  }

  async connect(target: Target): Promise<void> {
    for (let from = 0; from < this.watchers.length; from += handshakesAtOnce) {
      const some = this.watchers.slice(from, from + handshakesAtOnce);
      await Promise.all(some.map((watcher, i) => this.#open(watcher, from + i, target)));
    }
  }

  stall(): void {
    for (const watcher of this.watchers.slice(this.#shape.connections)) {
      watcher.stalled = true;
      watcher.client?.stall();
    }
  }

  /** Waits until `expected` deliveries have arrived since `before`, or nothing arrives any more. */
  async settle(before: number, expected: number, patienceMs: number): Promise<void> {
    let seen = -1;
    let movedAt = performance.now();
    for (;;) {
      const received = this.#ledger.received - before;
      if (received >= expected) return;
      if (received !== seen) {
        seen = received;
        movedAt = performance.now();
      } else if (performance.now() - movedAt > patienceMs) return;
      await delay(2);
    }
  }

  /** Waits until every client has seen the last message of all its devices; counts those that have not. */
  async catchUp(patienceMs: number, watchers: readonly Watcher[]): Promise<number> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const behind = watchers.filter((each) => !each.isCaughtUp(this.#ledger.sequences)).length;
      if (behind === 0 || performance.now() > deadline) return behind;
      await delay(5);
    }
  }

  #open(watcher: Watcher, index: number, target: Target): Promise<void> {
    const client = new BareClient({
      port: target.port,
      localAddress: `127.0.0.${1 + Math.floor(index / clientsPerAddress)}`,
      dialogue: dialogues[target.dialogue]({
        devices: watcher.devices,
        selection: index % (this.#shape.selections ?? 1),
      }),
      messageBytes: this.#shape.payloadBytes,
      arrived: (count) => {
        this.lastArrival = nowMicros();
        if (!watcher.stalled) this.#ledger.addReceived(count);
      },
      inspect: (bytes, from, to, ordinal) => watcher.inspect(bytes, from, to, ordinal),
      ended: (reason) => {
        if (!watcher.stalled) this.findings.problem(`connection lost: ${reason}`);
      },
    });
    watcher.client = client;
    return client.opened;
  }
}
