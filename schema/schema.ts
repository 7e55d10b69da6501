import type { GraphQLSchema } from 'graphql';
import { addBrokerStats } from './broker-stats.ts';
import { createBuilder } from './builder.ts';
import { addCurrentPosition } from './current-position.ts';
import { addDateTime } from './date-time.ts';
import { addDeviceConnection } from './device-connection.ts';
import { addDeviceMessage } from './device-message.ts';
import { addDevicePosition } from './device-position.ts';
import { addDevice } from './device.ts';
import { addFederation } from './federation.ts';
import { addGap } from './gap.ts';
import { addJson } from './json.ts';
import { addOverflowPolicy } from './overflow-policy.ts';
import { addPosition } from './position.ts';
import { addQuery } from './query.ts';
import { addSafeInt } from './safe-int.ts';
import { addSubscription } from './subscription.ts';

export interface SchemaOptions {
  /** Whether it is a subgraph of Apollo Federation 2. Default: false. */
  readonly federation?: boolean | undefined;
}

/**
 * The executable contract. Everything else that differs between gateways is in the
 * context: two schemas of one process share nothing.
 */
export function createSchema({ federation = false }: SchemaOptions = {}): GraphQLSchema {
  const builder = createBuilder();
  addDateTime(builder);
  addJson(builder);
  addPosition(builder);
  addSafeInt(builder);
  const deviceMessage = addDeviceMessage(builder, addGap(builder));
  const device = addDevice(builder, deviceMessage);
  const brokerStats = addBrokerStats(builder);
  addQuery(builder, {
    brokerStats,
    currentPosition: addCurrentPosition(builder),
    device,
    deviceConnection: addDeviceConnection(builder, device),
  });
  addSubscription(builder, {
    brokerStats,
    deviceMessage,
    devicePosition: addDevicePosition(builder),
    overflowPolicy: addOverflowPolicy(builder),
  });
  if (federation) addFederation(builder, device);
  return builder.toSchema();
}
