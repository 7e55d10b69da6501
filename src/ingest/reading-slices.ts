/** How long messages may be read without a break. With a thousand subscribers, a message takes some 0.3 ms. */
const defaultSliceMs = 40;

/**
 * Keeps a flood of messages, or messages with very many subscribers, from
 * holding the event loop: who reads them asks behind each one to go on, and is
 * called back at once, or in the next turn of the event loop when this one has
 * gone on for long. Until then nothing more is read, so that what comes
 * meanwhile waits in the kernel and at the MQTT broker.
 */
export function createReadingSlices(
  sliceMs: number = defaultSliceMs,
  now: () => number = () => performance.now(),
): (goOn: () => void) => void {
  let startedAt: number | undefined;

  function end(): void {
    startedAt = undefined;
  }

  return (goOn) => {
    if (startedAt === undefined) {
      startedAt = now();
      setImmediate(end);
    } else if (now() - startedAt >= sliceMs) {
      // Behind `end`, which was asked for before.
      setImmediate(goOn);
      return;
    }
    goOn();
  };
}
