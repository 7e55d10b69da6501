import type { DialogueName } from './dialogue.ts';

/** Who watches what, in one cell of the benchmark. */
export interface Shape {
  /** Devices 0 to `devices` are watched. */
  readonly devices: number;
  readonly connections: number;
  readonly devicesEach: number;
  readonly payloadBytes: number;
  /** Clients more, on device 0 and the filler device, that stop reading when told to. */
  readonly stalling?: number;
  /** Devices that publish and that nobody watches. */
  readonly unwatchedDevices?: number;
  /** How many selections the clients use between them. */
  readonly selections?: number;
}

/** Where the messages go in: to the MQTT broker at this port, or to whoever subscribes there. */
export interface Feed {
  readonly mqttPort: number;
  readonly plays: boolean;
}

/** Where the clients find the server, and how they speak to it. */
export interface Target {
  readonly port: number;
  readonly dialogue: DialogueName;
}

/** Deliveries that one message of a watched device makes, not counting stalled clients. */
export function fanOut(shape: Shape): number {
  return (shape.connections * shape.devicesEach) / shape.devices;
}

/** Only stalled clients watch it, to fill their sockets at no cost for the others. */
export function fillerDevice(shape: Shape): number {
  return shape.devices;
}

export function allDevices(shape: Shape): number {
  return shape.devices + 1 + (shape.unwatchedDevices ?? 0);
}

/**
 * The devices of a client. 97 shares no factor with the numbers of devices in use, so each device gets
 * the same number of watchers, and no two clients in a row watch the same ones.
 */
export function watchedBy(connection: number, shape: Shape): number[] {
  return Array.from({ length: shape.devicesEach }, (_, i) => (connection + i * 97) % shape.devices);
}
