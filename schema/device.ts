import { OperationTypeNode } from 'graphql';
import type { Delivery } from '../src/broker/subscription.ts';
import type { DeviceMessage as Message } from '../src/kernel/device-message.ts';
import type { DeviceRecord } from '../src/log/device-directory.ts';
import { whenOpen, type History } from '../src/log/history.ts';
import { parsePosition } from '../src/log/position.ts';
import type { Builder } from './builder.ts';
import type { DeviceMessageRef } from './device-message.ts';
import { badUserInput } from './errors.ts';

const defaultMessages = 100;
const maxMessages = 10_000;

/**
 * A device as one of its messages describes it: the fields that a subscription can
 * select, whose values depend on the message alone. `messageDeviceRule` refuses the
 * others.
 */
interface DeviceAtMessage {
  readonly deviceId: string;
  readonly lastSeenAt: number | null;
  readonly lastMessage: Delivery;
}

export function addDevice(builder: Builder, deviceMessage: DeviceMessageRef) {
  const ref = builder.objectRef<DeviceRecord | DeviceAtMessage>('Device').implement({
    description: 'A device that the gateway has heard.',
    fields: (t) => ({
      id: t.id({ description: 'Its id.', resolve: ({ deviceId }) => deviceId }),
      online: t.boolean({
        nullable: true,
        description:
          'Whether it is online, judged by its last will or by how long it has been silent; null when the gateway has no rule for that, or has received nothing to apply it to.',
        resolve: (device, _args, { online }) => online(recordOf(device)),
      }),
      lastSeenAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'When its last non-retained message was received; null when there was none.',
        resolve: ({ lastSeenAt }) => lastSeenAt,
      }),
      lastMessage: t.field({
        type: deviceMessage,
        nullable: true,
        description:
          'Its last message; null when it is not kept, or was a retained message that was deleted.',
        resolve(device, _args, context) {
          if ('lastMessage' in device) return device.lastMessage;
          const { log } = context;
          const { deviceId } = device;
          return whenOpen(log, [deviceId], () => log.lastMessage(deviceId));
        },
      }),
      messages: t.field({
        type: [deviceMessage],
        // A wrong argument must not affect other fields.
        nullable: true,
        description: 'Its kept messages, the oldest first; null only with an error.',
        args: {
          last: t.arg.int({
            defaultValue: defaultMessages,
            description: `How many of the newest messages, up to ${maxMessages.toLocaleString('en')}.`,
          }),
          after: t.arg({
            type: 'Position',
            description:
              'Only messages after this position; all of them when the position is of another epoch.',
          }),
        },
        resolve(device, args, { log, budget }, info) {
          const last = args.last ?? defaultMessages;
          if (last < 0 || last > maxMessages) {
            throw badUserInput(`last must be from 0 to ${maxMessages}; it is ${last}.`);
          }
          if (budget.overrun !== undefined) return [];
          return whenOpen(log, [device.deviceId], () => {
            const messages = keptMessages(log, recordOf(device), last, args.after ?? undefined);
            return budget.admits(messages.length, info) ? messages : [];
          });
        },
      }),
    }),
  });

  // Defined here and not in the file of the other fields of a message: this file imports that one,
  // because a device has messages.
  builder.objectField(deviceMessage, 'device', (t) =>
    t.field({
      type: ref,
      description:
        'Its device. In a query: its current state. Under a subscription: its state as of this message, so that client caches are updated; only `id`, `lastSeenAt` and `lastMessage` can be selected. `lastMessage` is then this message, without `device` and `gap`. `lastSeenAt` is its `receivedAt`; for a retained message, which is not a sign of life, it is the value when this message was received.',
      resolve(message, _args, context, { operation }) {
        if (operation.operation === OperationTypeNode.SUBSCRIPTION) return deviceAt(message);
        const device = context.log.device(message.deviceId);
        // A query is answered from the log in one synchronous run, so no device can be forgotten
        // meanwhile.
        if (device === undefined) throw new Error('the device of a kept message is not known');
        return device;
      },
    }),
  );

  return ref;
}

export type DeviceRef = ReturnType<typeof addDevice>;

function deviceAt(message: Delivery): DeviceAtMessage {
  const { deviceId, receivedAt, lastSeenAt = receivedAt } = message;
  return { deviceId, lastSeenAt, lastMessage: message };
}

function recordOf(device: DeviceRecord | DeviceAtMessage): DeviceRecord {
  if ('lastMessage' in device) throw new Error('a message tells only so much of its device');
  return device;
}

function keptMessages(
  log: History,
  { deviceId, epoch, sequence }: DeviceRecord,
  last: number,
  after: string | undefined,
): readonly Message[] {
  let behind = 0;
  if (after !== undefined) {
    const position = parsePosition(after);
    if (position === undefined) {
      throw badUserInput(
        'after is not a valid position: pass the position of a message unchanged.',
      );
    }
    if (position.epoch === epoch) behind = position.sequence;
  }
  return log.readAfter(deviceId, Math.max(behind, sequence - last), last);
}
