import type { Readable } from 'node:stream';

/**
 * Follows the packets of an MQTT connection, chunk by chunk, and answers for
 * each chunk the length in bytes that the longest packet whose header ends in
 * it announces; 0 when none does. What a header says is known long before the
 * packet is there.
 */
export function createPacketMeter(): (chunk: Uint8Array) => number {
  let bodyBytesLeft = 0;
  let length = 0;
  /** Of the next byte of the length; 0 while the first byte of a packet is due. */
  let weight = 0;

  return (chunk) => {
    let longest = 0;
    let i = 0;
    while (i < chunk.length) {
      if (bodyBytesLeft > 0) {
        const skipped = Math.min(bodyBytesLeft, chunk.length - i);
        bodyBytesLeft -= skipped;
        i += skipped;
        continue;
      }
      const byte = chunk[i]!;
      i += 1;
      if (weight === 0) {
        weight = 1;
        length = 0;
        continue;
      }
      // [MQTT-2.2.3]: seven bits in each byte, the least ones first; the eighth says that more follow.
      length += (byte & 0x7f) * weight;
      weight *= 128;
      if ((byte & 0x80) !== 0) continue;
      weight = 0;
      bodyBytesLeft = length;
      longest = Math.max(longest, length);
    }
    return longest;
  };
}

/** Watches what a stream of MQTT brings and calls `exceeded` as soon as a packet announces more than so many bytes. */
export function limitPackets(
  stream: Readable,
  maxPacketBytes: number,
  exceeded: (bytes: number) => void,
): void {
  const longestPacketIn = createPacketMeter();
  stream.on('data', (chunk: Uint8Array) => {
    const bytes = longestPacketIn(chunk);
    if (bytes > maxPacketBytes) exceeded(bytes);
  });
}
