import type { DeviceMessage } from '../kernel/device-message.ts';
import type { EndReason } from '../kernel/end-reason.ts';

/** What dispatch delivers the messages of a device to. */
export interface Listener {
  push(message: DeviceMessage): void;
  end(reason: EndReason, error?: Error): void;
}
