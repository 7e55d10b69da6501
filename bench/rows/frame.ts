/** The two bare rows send what the GraphQL rows send, byte for byte alike but for the position. */
export function nextMessage(device: string, topic: string, payload: Buffer, place: number): string {
  return `{"id":"1","type":"next","payload":{"data":{"deviceMessages":{"deviceId":"${device}","topic":"${topic}","payload":${payload.toString()},"receivedAt":"${new Date().toISOString()}","position":"bench-${place}"}}}}`;
}

export function deviceOf(topic: string): string {
  return topic.slice('devices/'.length, -'/messages'.length);
}

export function wantedDevices(url: string | undefined): string[] {
  const { searchParams } = new URL(url ?? '/', 'http://127.0.0.1');
  return (searchParams.get('device_ids') ?? '').split(',');
}
