import {
  isCertificateProblem,
  isTlsProblem,
  networkProblem,
  reset,
} from '../observe/network-problem.ts';

/** Why a connection to an MQTT broker failed. */
export interface BrokerProblem {
  /** In a few words, and what to do where trying again is of no use. */
  readonly text: string;
  /** Whether trying again is of no use. */
  readonly isFinal: boolean;
}

/** CONNACK of MQTT 3.1.1, and of MQTT 5. */
const badCredentials: ReadonlySet<unknown> = new Set([4, 5, 134, 135]);

/** What may be wrong when something listens there, and cuts the connection. */
export function addressHint(url: string): string {
  const scheme = new URL(url).protocol.slice(0, -1);
  if (scheme === 'mqtt') return 'does it speak TLS, or MQTT over WebSocket, at this port?';
  if (scheme === 'mqtts') return 'does it speak TLS at this port?';
  return `does it speak MQTT over WebSocket at this address (${scheme})?`;
}

/** `hint` says what may be wrong with the address when the other side cuts the connection. */
export function brokerProblem(error: Error, hint: string): BrokerProblem {
  const code = codeOf(error);
  if (badCredentials.has(code)) {
    return final(
      `the broker refused the user name or the password (${error.message}): set SLUICE_MQTT_USERNAME and SLUICE_MQTT_PASSWORD`,
    );
  }
  const text = networkProblem(code);
  if (text === reset) return { text: `${text}: ${hint}`, isFinal: false };
  if (text !== undefined) return { text, isFinal: false };
  if (isCertificateProblem(code)) {
    return final(
      `the broker's certificate is not trusted (${error.message}): name its authority with --mqtt-ca-file, and the host as the certificate does`,
    );
  }
  if (isTlsProblem(code)) {
    return final(
      'the broker does not speak TLS at this port: try mqtt:// instead of mqtts://, or another port',
    );
  }
  if (/invalid header flag bits|unknown packet|malformed|Invalid.*packet/i.test(error.message)) {
    return final(`what answers there speaks no MQTT (${error.message}): check host and port`);
  }
  if (/connack timeout/i.test(error.message)) return { text: 'no answer', isFinal: false };
  return { text: error.message === '' ? String(code) : error.message, isFinal: false };
}

function final(text: string): BrokerProblem {
  return { text, isFinal: true };
}

function codeOf(error: Error): unknown {
  return 'code' in error ? error.code : undefined;
}
