/**
 * Microseconds of the system's monotonic clock. It is the same for every process of one machine, so a
 * stamp that the publisher's thread wrote can be subtracted in the reader's. `performance.now()` is
 * several times cheaper than `process.hrtime.bigint()`, so that one is read for the offset alone.
 */
const offset = measuredOffset();

export function nowMicros(): number {
  return Math.floor(performance.now() * 1000 + offset);
}

/** Of many tries the one in which the least time went by: a thread may be put aside between two clocks. */
function measuredOffset(): number {
  let best = { between: Number.POSITIVE_INFINITY, offset: 0 };
  for (let i = 0; i < 200; i++) {
    const before = systemMicros();
    const now = performance.now() * 1000;
    const between = systemMicros() - before;
    if (between < best.between) best = { between, offset: before + between / 2 - now };
  }
  return best.offset;
}

function systemMicros(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
