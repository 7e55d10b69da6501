/** Sluice as a library: a gateway inside another program. */
export { createGateway, type Gateway } from './gateway.ts';
export type { Settings } from './config.ts';
export type { GatewayOptions } from './config/gateway-options.ts';
export type { Logger } from './observe/logger.ts';
export type { BrokerStats } from './metrics/broker-stats.ts';
export type { SubscribeRequest } from './broker/broker.ts';
export { SlowConsumerError, SubscribeError } from './broker/errors.ts';
export type { Delivery, Subscription } from './broker/subscription.ts';
export type { OverflowPolicy } from './broker/overflow-policy.ts';
export type { DeviceMessage, Gap, GapReason } from './kernel/device-message.ts';
