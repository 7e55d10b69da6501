import { readFileSync } from 'node:fs';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { redactUrl } from '../config/kind.ts';
import type { BrokerOptions } from './broker-options.ts';
import { brokerProblem, isRefusedVersion } from './broker-problem.ts';
import { CommandError } from './command-error.ts';
import type { CommandContext } from './run.ts';

/** A connection on which messages are published, and which comes back when it is lost. */
export interface BrokerConnection {
  /** How many messages may be on their way: of QoS 1 and 2 as many as the broker allows. */
  readonly maxInFlight: number;
  readonly isConnected: boolean;
  /**
   * Resolves when the broker has acknowledged it, with QoS 0 when it is written.
   * Rejects with a CommandError when the broker refuses it or has been away for
   * too long.
   */
  publish(topic: string, payload: string, retain?: boolean): Promise<void>;
  /** Says goodbye; what is not acknowledged is given up. */
  close(): Promise<void>;
}

const reconnectMs = 1_000;
const connectTimeoutMs = 10_000;

/** MQTT 5, which says why a message is refused, or 3.1.1 where the broker does not speak it. */
type ProtocolVersion = 4 | 5;

/**
 * Resolves when it is connected. Rejects with a CommandError when trying again
 * is of no use, or was of none for `timeoutS`; with an AbortError on the signal.
 */
export function connectToBroker(
  options: BrokerOptions,
  { signal, progress }: Pick<CommandContext, 'signal' | 'progress'>,
): Promise<BrokerConnection> {
  const address = redactUrl(options.mqttUrl);
  const hint = hintOf(options.mqttUrl);
  const pending = new Set<(error: Error) => void>();
  let protocolVersion: ProtocolVersion = 5;
  let client: MqttClient;
  let maxInFlight = 65_535;
  let problem = 'connecting';
  let failure: Error | undefined;
  let deadline: NodeJS.Timeout | undefined;

  return new Promise((resolve, reject) => {
    let wasConnected = false;

    function fail(error: Error): void {
      failure ??= error;
      clearTimeout(deadline);
      signal.removeEventListener('abort', abort);
      client.end(true);
      reject(failure);
      for (const refuse of pending) refuse(failure);
      pending.clear();
    }
    function abort(): void {
      if (!wasConnected) fail(new DOMException('The command was told to end.', 'AbortError'));
    }
    function startDeadline(): void {
      if (deadline !== undefined || options.timeoutS === 0) return;
      deadline = setTimeout(() => {
        fail(
          new CommandError(
            `No connection to ${address} in ${options.timeoutS} s (${problem}): start the broker, name another with --mqtt-url, or wait longer with --timeout-s.`,
          ),
        );
      }, options.timeoutS * 1_000);
    }

    function attempt(): void {
      const current = mqtt.connect(options.mqttUrl, clientOptions(options, protocolVersion));
      let answered = false;
      client = current;
      current.on('connect', ({ properties }) => {
        answered = true;
        wasConnected = true;
        problem = 'the connection was lost';
        if (options.qos > 0) maxInFlight = properties?.receiveMaximum ?? 65_535;
        clearTimeout(deadline);
        deadline = undefined;
        progress.arrived();
        resolve(connection);
      });
      current.on('error', (error) => {
        answered = true;
        if (isRefusedVersion(error) && protocolVersion === 5 && !wasConnected) {
          fallBack(current);
          return;
        }
        const { text, isFinal } = brokerProblem(
          error,
          wasConnected ? 'the broker may have ended' : hint,
        );
        problem = text;
        if (isFinal) fail(new CommandError(`${address}: ${text}.`));
      });
      current.on('disconnect', ({ reasonCode }) => {
        problem = `the broker disconnected us (reason code ${reasonCode ?? 0})`;
      });
      current.on('close', () => {
        if (current !== client || failure !== undefined || current.disconnecting) return;
        // Some brokers answer a version that they do not know by closing.
        if (!answered && protocolVersion === 5) {
          fallBack(current);
          return;
        }
        if (!answered) problem = `the connection was closed without a word: ${hint}`;
        startDeadline();
        progress.waiting(
          `waiting for ${address} (${problem}), next try in ${reconnectMs / 1_000} s`,
        );
      });
    }
    function fallBack(refused: MqttClient): void {
      refused.removeAllListeners('close');
      refused.end(true);
      protocolVersion = 4;
      attempt();
    }

    const connection: BrokerConnection = {
      get maxInFlight() {
        return maxInFlight;
      },
      get isConnected() {
        return client.connected;
      },
      publish: (topic, payload, retain = false) =>
        new Promise((settle, refuse) => {
          if (failure !== undefined) {
            refuse(failure);
            return;
          }
          pending.add(refuse);
          client.publish(topic, payload, { qos: options.qos, retain }, (error) => {
            pending.delete(refuse);
            if (error === null || error === undefined) settle();
            else refuse(refusal(error, topic));
          });
        }),
      async close() {
        clearTimeout(deadline);
        await client.endAsync(!client.connected || pending.size > 0);
      },
    };

    startDeadline();
    progress.show(`connecting to ${address}`);
    signal.addEventListener('abort', abort);
    try {
      attempt();
    } catch (error) {
      clearTimeout(deadline);
      reject(
        new CommandError(`${address}: ${error instanceof Error ? error.message : String(error)}`),
      );
    }
  });
}

/** What may be wrong when something listens there, and cuts the connection. */
function hintOf(url: string): string {
  const scheme = new URL(url).protocol.slice(0, -1);
  if (scheme === 'mqtt') return 'does it speak TLS, or MQTT over WebSocket, at this port?';
  if (scheme === 'mqtts') return 'does it speak TLS at this port?';
  return `does it speak MQTT over WebSocket at this address (${scheme})?`;
}

function refusal(error: Error, topic: string): CommandError {
  const why = error.message.replace(/^Publish error: /, '');
  const hint = /not authorized/i.test(why)
    ? 'set SLUICE_MQTT_USERNAME and SLUICE_MQTT_PASSWORD of somebody who may publish there'
    : 'the log of the broker says more';
  return new CommandError(`The broker refused a message to ${topic} (${why}): ${hint}.`);
}

function clientOptions(options: BrokerOptions, protocolVersion: ProtocolVersion): IClientOptions {
  return {
    protocolVersion,
    reconnectPeriod: reconnectMs,
    connectTimeout: connectTimeoutMs,
    log: () => {},
    ...(options.mqttUsername !== undefined && { username: options.mqttUsername }),
    ...(options.mqttPassword !== undefined && { password: options.mqttPassword }),
    ...(options.mqttCaFile !== undefined && { ca: readFileSync(options.mqttCaFile) }),
    ...(options.mqttCertFile !== undefined && { cert: readFileSync(options.mqttCertFile) }),
    ...(options.mqttKeyFile !== undefined && { key: readFileSync(options.mqttKeyFile) }),
  };
}
