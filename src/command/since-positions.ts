import { UsageError } from './command-error.ts';

/** The last position of each device that was seen. */
export type Positions = ReadonlyMap<string, string>;

/** Reads `device=position`, or the position alone where there is one device. */
export function sincePositions(given: readonly string[], deviceIds: readonly string[]): Positions {
  const positions = new Map<string, string>();
  for (const text of given) {
    // A device id may have a "=" in it, a position has none.
    const end = text.lastIndexOf('=');
    const deviceId =
      end === -1 && deviceIds.length === 1 ? deviceIds[0] : text.slice(0, Math.max(0, end));
    if (deviceId === undefined || !deviceIds.includes(deviceId)) {
      throw new UsageError(
        `--since-position is ${JSON.stringify(text)}: it takes device=position with one of the devices of --device-ids${deviceIds.length === 1 ? ', or the position alone' : ''}`,
      );
    }
    const position = text.slice(end + 1);
    if (position === '') {
      throw new UsageError(`--since-position is ${JSON.stringify(text)}: the position is missing`);
    }
    positions.set(deviceId, position);
  }
  return positions;
}

/** What to type to go on behind them. */
export function goingOn(deviceIds: readonly string[], positions: Positions): string {
  const since = [...positions].map(
    ([deviceId, position]) => `--since-position ${quoted(`${deviceId}=${position}`)}`,
  );
  return ['sluice tail --device-ids', quoted(deviceIds.join(',')), ...since].join(' ');
}

/** As a POSIX shell takes it. */
function quoted(text: string): string {
  return /^[\w.,=:@/-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
