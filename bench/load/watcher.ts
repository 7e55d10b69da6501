import { nowMicros } from './clock.ts';
import type { BareClient } from './bare-client.ts';
import type { Findings } from './findings.ts';
import { marker, readMessage, stampedBytes, type MessageNumbers } from './message.ts';

const numbers: MessageNumbers = { device: 0, sequence: 0, stamp: 0 };
const markerBytes = Buffer.from(marker);

/** One subscribed client, with what it has been promised and what it has seen. */
export class Watcher {
  client: BareClient | undefined;
  readonly devices: readonly number[];
  /** A stalled one is promised nothing. */
  stalled = false;
  readonly #index: number;
  readonly #findings: Findings;
  /** The sequence seen last, and the one at the start of the phase, by place in `devices`. */
  readonly #last: Int32Array;
  readonly #base: Int32Array;
  #baseCount = 0;
  /** The rows print fields of equal width, so the marker is nearly always where it was before. */
  #markerAt = 0;

  constructor(index: number, devices: readonly number[], findings: Findings) {
    this.#index = index;
    this.devices = devices;
    this.#findings = findings;
    this.#last = new Int32Array(devices.length);
    this.#base = new Int32Array(devices.length);
  }

  get count(): number {
    return this.client?.reader.count ?? 0;
  }

  /** From here on every message of its devices is owed to it, exactly once and in order. */
  begin(sequences: Int32Array, sampleEvery: number): void {
    // Each client begins at another message, so that between them they look into every one.
    this.client?.reader.sample(sampleEvery, 1 + (this.#index % sampleEvery));
    this.#baseCount = this.count;
    for (const [place, device] of this.devices.entries()) this.#base[place] = sequences[device]!;
  }

  /** How many messages more it should have got since `begin`; negative when it got too many. */
  missing(sequences: Int32Array): number {
    let owed = 0;
    for (const [place, device] of this.devices.entries()) {
      owed += sequences[device]! - this.#base[place]!;
    }
    return owed - (this.count - this.#baseCount);
  }

  /** Whether it has seen the last message of each of its devices. */
  isCaughtUp(sequences: Int32Array): boolean {
    return this.devices.every((device, place) => this.#last[place] === sequences[device]);
  }

  inspect(bytes: Buffer, from: number, to: number, ordinal: number): void {
    const at = this.#findMarker(bytes, from, to);
    if (at < 0 || !readMessage(bytes, at, numbers)) {
      this.#findings.problem(`not a message: ${bytes.toString('utf8', from, from + 200)}`);
      return;
    }
    const place = this.devices.indexOf(numbers.device);
    if (place < 0) {
      this.#findings.problem(`a message of device ${numbers.device}, which was not asked for`);
      return;
    }
    if (this.#findings.checksOrder) {
      const { sequence } = numbers;
      // With one device, the place in the stream says exactly which message this has to be.
      const expected = this.#base[place]! + ordinal - this.#baseCount;
      const misplaced =
        sequence <= this.#last[place]! || (this.devices.length === 1 && sequence !== expected);
      if (misplaced) this.#findings.misplaced++;
    }
    this.#last[place] = numbers.sequence;
    if (this.#findings.timesArrivals) this.#findings.latency.record(nowMicros() - numbers.stamp);
  }

  #findMarker(bytes: Buffer, from: number, to: number): number {
    const guess = from + this.#markerAt;
    for (let i = 0; i < markerBytes.length; i++) {
      if (bytes[guess + i] === markerBytes[i]) continue;
      const found = bytes.indexOf(marker, from, 'latin1');
      if (found < 0 || found + stampedBytes > to) return -1;
      this.#markerAt = found - from;
      return found;
    }
    return guess + stampedBytes > to ? -1 : guess;
  }
}
