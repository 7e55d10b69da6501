/**
 * Microseconds of the system's monotonic clock. It is the same for every process of one machine, so a
 * stamp that the publisher's thread wrote can be subtracted in the reader's. `performance.now()` is
 * several times cheaper than `process.hrtime.bigint()`, so that one is read once, for the offset.
 */
const offset = Number(process.hrtime.bigint() / 1000n) - performance.now() * 1000;

export function nowMicros(): number {
  return Math.floor(performance.now() * 1000 + offset);
}
