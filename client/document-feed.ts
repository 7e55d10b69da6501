import type { Operation } from './link.ts';
import type { Feed } from './operation-stream.ts';
import { declaresAfter, positionedIn, type Positioned } from './positions.ts';

/**
 * Any subscription. One that declares `$after: [DevicePosition!]`, and selects
 * `deviceId` and `position`, goes on behind what has come; any other from then on.
 */
export class DocumentFeed<Data> implements Feed<Data> {
  readonly isResumable: boolean;
  readonly #query: string;
  readonly #variables: Readonly<Record<string, unknown>>;
  readonly #positions = new Map<string, string>();

  constructor(query: string, variables: Readonly<Record<string, unknown>>) {
    this.#query = query;
    this.#variables = variables;
    this.isResumable = declaresAfter(query);
    if (!this.isResumable) return;
    for (const given of (variables['after'] ?? []) as readonly Positioned[]) {
      this.#positions.set(given.deviceId, given.position);
    }
  }

  prepare(): undefined {
    return undefined;
  }

  operation(): Operation {
    const after = [...this.#positions].map(([deviceId, position]) => ({ deviceId, position }));
    return {
      query: this.#query,
      variables: after.length === 0 ? this.#variables : { ...this.#variables, after },
    };
  }

  take(data: unknown): Data | undefined {
    if (this.isResumable) {
      for (const { deviceId, position } of positionedIn(data)) {
        this.#positions.set(deviceId, position);
      }
    }
    return data as Data;
  }
}
