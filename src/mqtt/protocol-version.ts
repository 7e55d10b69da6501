/** As MQTT itself numbers them: 4 is MQTT 3.1.1. */
export type ProtocolVersion = 4 | 5;

/** [MQTT-3.1.2-2] in 3.1.1, reason code 0x84 in 5. */
const unacceptableProtocolVersion: ReadonlySet<unknown> = new Set([1, 132]);

/** Whether the broker refused the connection for its protocol version. */
export function isRefusedVersion(error: Error): boolean {
  return 'code' in error && unacceptableProtocolVersion.has(error.code);
}

export function otherVersion(version: ProtocolVersion): ProtocolVersion {
  return version === 5 ? 4 : 5;
}

export function protocolName(version: ProtocolVersion): '5' | '3.1.1' {
  return version === 5 ? '5' : '3.1.1';
}
