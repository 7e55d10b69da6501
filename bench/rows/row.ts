import type { DialogueName } from '../load/dialogue.ts';
import type { Child } from '../measure/child.ts';

/** Where a row's server is to be, and on which processors. */
export interface Site {
  readonly port: number;
  readonly mqttPort: number;
  readonly cpus: string | undefined;
}

/** One line of the comparison: a server and the way in which clients talk to it. */
export interface Row {
  readonly name: string;
  readonly about: string;
  readonly dialogue: DialogueName;
  /** The server is itself the MQTT broker that devices publish to. */
  readonly isBroker: boolean;
  /** Runs on Node, so it can be asked for a garbage collection. */
  readonly collects: boolean;
  /** Settles when clients can connect; rejects with the reason why not. */
  start(site: Site): Promise<Child>;
  /** What the server itself says it has dropped, where it says so. */
  dropped?(site: Site): Promise<number>;
}
