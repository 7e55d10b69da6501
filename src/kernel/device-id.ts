/** The longest device id, in UTF-16 code units. */
export const maxDeviceIdLength = 256;

/** Whether a device can have this id: 1 to 256 UTF-16 code units, well formed, without control characters. */
export function isDeviceId(id: string): boolean {
  if (id.length === 0 || id.length > maxDeviceIdLength) return false;
  return !/\p{Cc}/u.test(id) && id.isWellFormed();
}
