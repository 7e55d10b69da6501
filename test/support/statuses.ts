import type { ConnectionStatus } from '../../client/connection-status.ts';
import { until } from './until.ts';

/** What a client has told of its connection. */
export class Statuses {
  readonly all: ConnectionStatus[] = [];

  readonly take = (status: ConnectionStatus): void => void this.all.push(status);

  get last(): ConnectionStatus | undefined {
    return this.all.at(-1);
  }

  /** How often it came into this state. */
  count(state: ConnectionStatus['state']): number {
    return this.all.filter(
      (status, i) => status.state === state && this.all[i - 1]?.state !== state,
    ).length;
  }

  /** Resolves when it has come into this state so many times. */
  async until(state: ConnectionStatus['state'], count = 1): Promise<void> {
    await until(
      `the client is ${state} for the ${count}. time`,
      () => this.count(state) >= count,
      () => this.all.slice(-10),
    );
  }
}
