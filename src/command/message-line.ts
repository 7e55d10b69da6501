import { styleText } from 'node:util';
import type { DeviceMessage } from '../../client/index.ts';
import { column, fit, visible } from '../observe/terminal-text.ts';

/** A message for a person: a line, and before it one for what was missed. */
export type MessageLines = (message: DeviceMessage, columns: number) => string;

const colours = ['cyan', 'green', 'magenta', 'blue', 'yellow', 'red'] as const;
const longestDeviceId = 24;
const timeColumns = 12;

const gapTexts: Readonly<Record<string, string>> = {
  CONFLATED: 'gave way to newer ones, as asked',
  QUEUE_OVERFLOW: 'dropped: they were not read fast enough',
  HISTORY_EXPIRED: 'no longer kept when this came back',
  SOURCE_INTERRUPTED: 'the MQTT connection of the gateway was interrupted',
  STREAM_RESET: 'the gateway was restarted',
};

export function createMessageLines(deviceIds: readonly string[]): MessageLines {
  const colourOf = new Map(deviceIds.map((id, i) => [id, colours[i % colours.length]!]));
  const longest = Math.max(...deviceIds.map((id) => visible(id).length));
  const idColumns = Math.min(longestDeviceId, longest);

  return ({ deviceId, payload, receivedAt, gap }, columns) => {
    const colour = colourOf.get(deviceId) ?? 'white';
    const id = column(deviceId, idColumns);
    const rest = Math.max(10, columns - timeColumns - idColumns - 4);
    const line = [
      styleText('dim', localTime(receivedAt)),
      styleText(colour, id),
      fit(JSON.stringify(payload), rest),
    ].join('  ');
    if (gap === null || gap === undefined) return `${line}\n`;
    return `${styleText(['yellow', 'bold'], fit(gapText(deviceId, gap), columns))}\n${line}\n`;
  };
}

function gapText(deviceId: string, { missed, reason }: NonNullable<DeviceMessage['gap']>): string {
  const count =
    missed === null
      ? 'an unknown number of messages'
      : `${missed} message${missed === 1 ? '' : 's'}`;
  return `── gap: ${count} of ${deviceId} missed, ${reason}: ${gapTexts[reason] ?? ''} ──`;
}

/** `14:03:07.250` */
function localTime(receivedAt: string): string {
  const time = new Date(receivedAt);
  // Of a clock that tells nonsense the text is shown.
  if (Number.isNaN(time.getTime())) return column(receivedAt, timeColumns);
  const [hours, minutes, seconds] = [time.getHours(), time.getMinutes(), time.getSeconds()].map(
    (part) => String(part).padStart(2, '0'),
  );
  return `${hours}:${minutes}:${seconds}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}
