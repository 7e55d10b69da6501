/** How many rates of a device are kept for its sparkline. */
const kept = 40;

/** The rates of one device, from the positions of its messages at two times. */
export interface Rates {
  readonly values: readonly number[];
  readonly perS: number | undefined;
}

interface Mark {
  readonly at: number;
  readonly epoch: string;
  readonly sequence: number;
}

interface Entry extends Rates {
  readonly mark: Mark;
}

/** Reads a position for the number in it. That is for the picture alone: to a program a position is opaque. */
function markOf(position: string, at: number): Mark | undefined {
  const dash = position.lastIndexOf('-');
  const sequence = Number(position.slice(dash + 1));
  if (dash === -1 || !Number.isSafeInteger(sequence)) return undefined;
  return { at, epoch: position.slice(0, dash), sequence };
}

/** Goes on from what was known of a device, with its newest position. */
export function nextRates(
  before: Rates | undefined,
  position: string | undefined,
  at: number,
): Rates | undefined {
  const mark = position === undefined ? undefined : markOf(position, at);
  if (mark === undefined) return before;
  const known = before as Entry | undefined;
  if (known === undefined || known.mark.epoch !== mark.epoch) {
    const fresh: Entry = { mark, values: [], perS: undefined };
    return fresh;
  }
  const seconds = (at - known.mark.at) / 1000;
  if (seconds < 0.5) return known;
  const perS = Math.max(0, mark.sequence - known.mark.sequence) / seconds;
  const next: Entry = { mark, values: [...known.values.slice(1 - kept), perS], perS };
  return next;
}
