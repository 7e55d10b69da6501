import type { IConnackPacket, MqttClient } from 'mqtt';
import type { ProtocolVersion } from './protocol-version.ts';

/** One connection that the broker has accepted. */
export interface MqttConnection {
  /** Its client, which serves for this connection and no other. */
  readonly client: MqttClient;
  readonly protocolVersion: ProtocolVersion;
  readonly connack: IConnackPacket;
}

/** Who uses the connections. None of its methods may throw. */
export interface ConnectorListener {
  /**
   * A client that is about to connect: the place for listeners that MUST miss nothing.
   * Called for the first time before `createConnector` returns.
   */
  prepare?(client: MqttClient): void;
  /** The broker has accepted the connection. Nothing that it sends behind CONNACK has been read. */
  connected(connection: MqttConnection): void;
  /**
   * What went wrong with the connection or with the attempt to get one; `closed`
   * follows. A `PacketTooLongError` is told here as well.
   */
  failed(error: Error): void;
  /** The broker says why it is about to end the connection (MQTT 5). */
  disconnected?(reasonCode: number): void;
  /**
   * The attempt or the connection has ended, and the next attempt is due. `isSilent`:
   * the broker ended it with no answer to CONNECT, and no error said why.
   */
  closed?(end: { readonly isSilent: boolean }): void;
  /**
   * The next attempt is made with this version: the broker refused the other one with a
   * code, or (`isSilent`) closed the connection, as some do that do not know it.
   */
  protocolChanged?(version: ProtocolVersion, how: { readonly isSilent: boolean }): void;
  /** The attempt could not even begin: a certificate file has gone, for example. It may come back. */
  untried(error: unknown): void;
  /** The next attempt is made in so many milliseconds. */
  waiting?(waitMs: number): void;
}
