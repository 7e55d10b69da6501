/** The broker announced a packet over the limit, and was cut off before it was in memory. */
export class PacketTooLongError extends Error {
  override readonly name = 'PacketTooLongError';
  readonly bytes: number;

  constructor(bytes: number, maxPacketBytes: number) {
    super(`the MQTT broker sent a packet of ${bytes} bytes, over the limit of ${maxPacketBytes}`);
    this.bytes = bytes;
  }
}
