export function plainStreamPath(deviceIds: readonly string[]): string {
  return `/api/v1/stream?device_ids=${deviceIds.map(encodeURIComponent).join(',')}`;
}
