/**
 * Latencies in microseconds, in buckets that are exact up to 128 µs and 1.6 % wide above. A fixed array:
 * recording one of millions of samples allocates nothing.
 */
const exact = 128;
const steps = 64;

export interface Percentiles {
  readonly samples: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

export class Histogram {
  readonly #buckets = new Uint32Array(exact + steps * 32);
  #samples = 0;
  #max = 0;

  record(micros: number): void {
    const value = micros > 0 ? micros | 0 : 0;
    if (value > this.#max) this.#max = value;
    this.#samples++;
    if (value < exact) {
      this.#buckets[value]!++;
      return;
    }
    const power = 31 - Math.clz32(value);
    this.#buckets[exact + (power - 7) * steps + ((value >> (power - 6)) & (steps - 1))]!++;
  }

  reset(): void {
    this.#buckets.fill(0);
    this.#samples = 0;
    this.#max = 0;
  }

  percentiles(): Percentiles {
    return {
      samples: this.#samples,
      p50Ms: this.#at(0.5),
      p99Ms: this.#at(0.99),
      p999Ms: this.#at(0.999),
      maxMs: this.#max / 1000,
    };
  }

  #at(share: number): number {
    let left = Math.ceil(this.#samples * share);
    for (let i = 0; i < this.#buckets.length; i++) {
      left -= this.#buckets[i]!;
      if (left <= 0) return Math.min(lowerBound(i), this.#max) / 1000;
    }
    return this.#max / 1000;
  }
}

function lowerBound(bucket: number): number {
  if (bucket < exact) return bucket;
  const power = 7 + Math.floor((bucket - exact) / steps);
  return (steps + ((bucket - exact) % steps)) * 2 ** (power - 6);
}
