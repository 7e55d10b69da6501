import type { SluiceClient } from '../../client/index.ts';
import { visible } from '../observe/terminal-text.ts';

const shownIds = 10;

/**
 * Which of the devices the gateway has never heard, as a line for a person; undefined when there
 * is none. `hasCome`: of those a message has come while the gateway answered.
 */
export async function neverHeard(
  client: SluiceClient,
  deviceIds: readonly string[],
  hasCome: (deviceId: string) => boolean,
): Promise<string | undefined> {
  let ids: readonly string[];
  try {
    ids = await client.neverHeard(deviceIds);
  } catch {
    // The messages matter more than this hint: an older gateway has no answer to it, and what
    // is wrong with the connection is told by that.
    return undefined;
  }
  const unheard = ids.filter((deviceId) => !hasCome(deviceId));
  if (unheard.length === 0) return undefined;
  const more = unheard.length - shownIds;
  const named = unheard.slice(0, shownIds).map((deviceId) => visible(deviceId));
  const list = `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return `The gateway has never heard ${list}: waiting for a first message. Is the id right?`;
}
