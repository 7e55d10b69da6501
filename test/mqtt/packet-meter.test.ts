import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPacketMeter } from '../../src/mqtt/packet-meter.ts';

/** A PUBLISH of so many bytes behind its header. */
function packet(length: number): Buffer {
  const header = [0x30];
  let rest = length;
  do {
    const more = rest > 127 ? 0x80 : 0;
    header.push((rest % 128) | more);
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.concat([Buffer.from(header), Buffer.alloc(length, 0xff)]);
}

describe('createPacketMeter', () => {
  it('finds the longest packet however the bytes are cut into chunks', () => {
    const lengths = fc.array(fc.oneof(fc.nat(300), fc.constantFrom(0, 127, 128, 16_383, 16_384)), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(lengths, fc.array(fc.nat(40_000)), (packets, cuts) => {
        const bytes = Buffer.concat(packets.map(packet));
        const longestPacketIn = createPacketMeter();
        const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const found = edges.map((edge, i) => longestPacketIn(bytes.subarray(edges[i - 1], edge)));
        expect(Math.max(...found)).toBe(Math.max(...packets));
      }),
    );
  });

  it('knows the length as soon as the header is there', () => {
    expect(createPacketMeter()(packet(2_000_000).subarray(0, 4))).toBe(2_000_000);
  });
});
