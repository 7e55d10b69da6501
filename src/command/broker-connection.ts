import { redactUrl } from '../config/kind.ts';
import { addressHint, brokerProblem } from '../mqtt/broker-problem.ts';
import { createConnector, type Connector } from '../mqtt/connector.ts';
import { otherVersion, protocolName } from '../mqtt/protocol-version.ts';
import { createPublisher } from '../mqtt/publisher.ts';
import type { BrokerOptions } from './broker-options.ts';
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

const retryMs = 1_000;
/** [MQTT-3.2.2.3.3]: what a broker allows that says nothing of it. */
const defaultMaxInFlight = 65_535;

/**
 * Resolves when it is connected. Rejects with a CommandError when trying again
 * is of no use, or was of none for `timeoutS`; with an AbortError on the signal.
 */
export function connectToBroker(
  options: BrokerOptions,
  { signal, progress }: Pick<CommandContext, 'signal' | 'progress'>,
): Promise<BrokerConnection> {
  const address = redactUrl(options.mqttUrl);
  const hint = addressHint(options.mqttUrl);
  const publisher = createPublisher();
  let connector: Connector;
  let maxInFlight = defaultMaxInFlight;
  let problem = 'connecting';
  let deadline: NodeJS.Timeout | undefined;

  return new Promise((resolve, reject) => {
    let wasConnected = false;

    function fail(error: Error): void {
      clearTimeout(deadline);
      signal.removeEventListener('abort', abort);
      reject(error);
      publisher.fail(error);
      void connector.close(true);
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

    const connection: BrokerConnection = {
      get maxInFlight() {
        return maxInFlight;
      },
      get isConnected() {
        return connector.client !== undefined;
      },
      publish: (topic, payload, retain = false) =>
        publisher
          .publish({ topic, payload, options: { qos: options.qos, retain } })
          .catch((error: unknown) => {
            throw refusal(error, topic);
          }),
      async close() {
        clearTimeout(deadline);
        await connector.close(publisher.pending > 0);
      },
    };

    startDeadline();
    progress.show(`connecting to ${address}`);
    try {
      connector = createConnector({
        address: {
          url: options.mqttUrl,
          username: options.mqttUsername,
          password: options.mqttPassword,
          caFile: options.mqttCaFile,
          certFile: options.mqttCertFile,
          keyFile: options.mqttKeyFile,
        },
        // MQTT 5 says why a message is refused: a broker that restarts must not take that away.
        keepsAcceptedVersion: true,
        retryMs: () => retryMs,
        listener: {
          connected({ client, connack }) {
            wasConnected = true;
            problem = 'the connection was lost';
            if (options.qos > 0) {
              maxInFlight = connack.properties?.receiveMaximum ?? defaultMaxInFlight;
            }
            clearTimeout(deadline);
            deadline = undefined;
            progress.arrived();
            publisher.begin(client);
            resolve(connection);
          },
          failed(error) {
            const why = brokerProblem(error, wasConnected ? 'the broker may have ended' : hint);
            problem = why.text;
            if (why.isFinal) fail(new CommandError(`${address}: ${why.text}.`));
          },
          disconnected(reasonCode) {
            problem = `the broker disconnected us (reason code ${reasonCode})`;
          },
          closed({ isSilent }) {
            publisher.pause();
            if (isSilent) problem = `the connection was closed without a word: ${hint}`;
            startDeadline();
          },
          protocolChanged(version, { isSilent }) {
            if (isSilent) return;
            problem = `the broker refused MQTT ${protocolName(otherVersion(version))}`;
          },
          untried(error) {
            problem = textOf(error);
          },
          waiting(waitMs) {
            progress.waiting(
              `waiting for ${address} (${problem}), next try in ${waitMs / 1_000} s`,
            );
          },
        },
      });
    } catch (error) {
      clearTimeout(deadline);
      reject(new CommandError(`${address}: ${textOf(error)}`));
      return;
    }
    signal.addEventListener('abort', abort);
  });
}

function refusal(error: unknown, topic: string): unknown {
  if (error instanceof CommandError || !(error instanceof Error)) return error;
  const why = error.message.replace(/^Publish error: /, '');
  const hint = /not authorized/i.test(why)
    ? 'set SLUICE_MQTT_USERNAME and SLUICE_MQTT_PASSWORD of somebody who may publish there'
    : 'the log of the broker says more';
  return new CommandError(`The broker refused a message to ${topic} (${why}): ${hint}.`);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
