import type { Connection } from './connection.ts';
import {
  DeviceMessagesFeed,
  type DeviceMessage,
  type DeviceMessagesOptions,
} from './device-messages-feed.ts';
import { OperationStream, type OperationStreamOptions } from './operation-stream.ts';
import { checkDeviceIds } from './option-check.ts';

/** The messages of some devices, which may change while it runs. */
export interface DeviceMessageStream extends AsyncIterableIterator<DeviceMessage, undefined> {
  /**
   * From now on their messages too. What is added and removed in one turn is one change;
   * those who stay miss nothing by it. They are named one by one, or in an array.
   */
  add(...deviceIds: DeviceIdArguments): void;
  /** No further message of theirs; what has arrived already stays. They are named as with `add`. */
  remove(...deviceIds: DeviceIdArguments): void;
}

/** `('a', 'b')` or `(['a', 'b'])`. */
export type DeviceIdArguments = readonly string[] | readonly [deviceIds: readonly string[]];

export class LiveDeviceMessageStream
  extends OperationStream<DeviceMessage>
  implements DeviceMessageStream
{
  readonly #feed: DeviceMessagesFeed;
  #changes = false;

  constructor(
    connection: Connection,
    options: DeviceMessagesOptions,
    streamOptions: OperationStreamOptions,
  ) {
    const feed = new DeviceMessagesFeed(options);
    super(connection, feed, streamOptions);
    this.#feed = feed;
  }

  add(...named: DeviceIdArguments): void {
    const deviceIds = named.flat();
    checkDeviceIds(deviceIds);
    if (deviceIds.filter((deviceId) => this.#feed.add(deviceId)).length > 0) this.#changed();
  }

  remove(...named: DeviceIdArguments): void {
    const deviceIds = named.flat();
    checkDeviceIds(deviceIds);
    if (deviceIds.filter((deviceId) => this.#feed.remove(deviceId)).length > 0) this.#changed();
  }

  #changed(): void {
    if (this.#changes) return;
    this.#changes = true;
    queueMicrotask(() => {
      this.#changes = false;
      this.restart();
    });
  }
}
