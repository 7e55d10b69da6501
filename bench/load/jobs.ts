/** What the publisher can be asked to publish. Devices are those from 0 to `devices`, in turn. */
export type PublishJob =
  /** One message of each device: to see who is subscribed, or that nothing is missing. */
  | { readonly kind: 'round'; readonly devices: number }
  /** As in a round, but for devices that nobody may watch, as fast as the broker takes them. */
  | { readonly kind: 'flood'; readonly from: number; readonly devices: number }
  /** `count` messages of `device`, of `bytes` each, as fast as the broker takes them. */
  | {
      readonly kind: 'fill';
      readonly device: number;
      readonly count: number;
      readonly bytes: number;
    }
  /** All of `size` at once, in one write. */
  | { readonly kind: 'burst'; readonly devices: number; readonly size: number }
  /** At a fixed rate; what would exceed `maxOutstanding` is held back and counted. */
  | {
      readonly kind: 'rate';
      readonly devices: number;
      readonly perSecond: number;
      readonly seconds: number;
      readonly fanOut: number;
      readonly maxOutstanding: number;
    }
  /** As fast as everything arrives: closed loop, so that the server is always busy and never flooded. */
  | {
      readonly kind: 'saturate';
      readonly devices: number;
      readonly seconds: number;
      readonly fanOut: number;
      readonly maxOutstanding: number;
    };

export interface PublishReport {
  readonly published: number;
  readonly heldBack: number;
  /** The clock when the first message was written. */
  readonly startedAt: number;
}
