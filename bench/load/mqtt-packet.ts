/** MQTT 3.1.1 packets, as far as the load needs them: nothing here waits for an acknowledgement. */

export function connectPacket(clientId: string): Buffer {
  // Keep-alive 0: the load sends no pings [MQTT-3.1.2-24 does not apply then].
  const head = Buffer.from([0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 0x02, 0, 0]);
  return packet(0x10, [head, text(clientId)]);
}

export function subscribePacket(topics: readonly string[]): Buffer {
  const entries = topics.flatMap((topic) => [text(topic), Buffer.from([0])]);
  return packet(0x82, [Buffer.from([0, 1]), ...entries]);
}

/** A QoS 0 PUBLISH, and where its topic and its payload start. MQTT 5 has (no) properties in between. */
export function publishPacket(topic: string, payload: string, version: number) {
  const body = Buffer.from(payload);
  const properties = Buffer.from(version === 5 ? [0] : []);
  const bytes = packet(0x30, [text(topic), properties, body]);
  const payloadAt = bytes.length - body.length;
  return { bytes, payloadAt, topicAt: payloadAt - properties.length - Buffer.byteLength(topic) };
}

function packet(type: number, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([type, ...remainingLength(body.length)]), body]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

function remainingLength(length: number): number[] {
  const digits: number[] = [];
  let left = length;
  do {
    const digit = left & 0x7f;
    left >>= 7;
    digits.push(left > 0 ? digit | 0x80 : digit);
  } while (left > 0);
  return digits;
}
