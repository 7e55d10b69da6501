import { isDeviceId, maxDeviceIdLength } from '../src/kernel/device-id.ts';
import type { SchemaContext } from './builder.ts';
import { badUserInput } from './errors.ts';

/**
 * The devices that an operation names, without duplicates. Throws when there is none,
 * when there are too many, and when an id is invalid.
 */
export function distinctDeviceIds(
  named: readonly string[],
  limits: SchemaContext['limits'],
): readonly string[] {
  // Duplicates are removed before the ids are counted.
  const deviceIds = [...new Set(named)];
  if (deviceIds.length === 0) {
    throw badUserInput('deviceIds must name at least one device.');
  }
  if (deviceIds.length > limits.maxDeviceIds) {
    throw badUserInput(
      `deviceIds names ${deviceIds.length} devices; one operation takes at most ${limits.maxDeviceIds}.`,
    );
  }
  if (!deviceIds.every(isDeviceId)) {
    throw badUserInput(
      `A device id has 1 to ${maxDeviceIdLength} characters and no control characters.`,
    );
  }
  return deviceIds;
}
