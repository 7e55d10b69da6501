import { readFileSync } from 'node:fs';
import type { IClientOptions } from 'mqtt';

/** Where the MQTT broker is, and how to get in. */
export interface BrokerAddress {
  /** mqtt, mqtts, ws or wss. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Certificate authorities (PEM) to check the broker's certificate against, instead of those of Node.js. */
  readonly caFile?: string | undefined;
  /** The certificate (PEM) to show to the broker; together with its key. */
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** Reads the files: it throws when one of them cannot be read. */
export function credentialsOf(address: BrokerAddress): IClientOptions {
  const { username, password, caFile, certFile, keyFile } = address;
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(caFile !== undefined && { ca: readFileSync(caFile) }),
    ...(certFile !== undefined && { cert: readFileSync(certFile) }),
    ...(keyFile !== undefined && { key: readFileSync(keyFile) }),
  };
}
