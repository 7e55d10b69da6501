import {
  createSluiceClient,
  SluiceError,
  type ConnectionStatus,
  type SluiceClient,
} from '../../client/index.ts';
import { redactUrl } from '../config/kind.ts';
import { CommandError } from './command-error.ts';
import { gatewayUrl, type GatewayOptionValues } from './gateway-options.ts';
import { isCertificateProblem, isTlsProblem, networkProblem } from '../observe/network-problem.ts';
import type { CommandContext } from './run.ts';
import { visible } from '../observe/terminal-text.ts';

/** The client of a command, with what there is to say of its connection. */
export interface GatewayConnection {
  readonly client: SluiceClient;
  /** Without what may be secret in it. */
  readonly address: string;
  /** Aborted when the command is to end, also because the gateway was away for too long. */
  readonly signal: AbortSignal;
  /** What a failure is to a person. */
  failure(error: unknown): unknown;
  close(): Promise<void>;
}

/** `onStatus` is told of each state; what it waits for is told by itself where no line is in place. */
export function connectToGateway(
  values: GatewayOptionValues,
  { signal, progress }: Pick<CommandContext, 'signal' | 'progress'>,
  onStatus: (status: ConnectionStatus) => void = () => {},
): GatewayConnection {
  const url = gatewayUrl(values);
  const address = redactUrl(url);
  const tooLong = new AbortController();
  let problem = 'no answer';
  let wasAway = false;
  /** There is a connection, and the gateway fails all the same. */
  let isFailing = false;
  let deadline: NodeJS.Timeout | undefined;

  function startDeadline(): void {
    if (values.timeoutS === 0) return;
    deadline ??= setTimeout(() => {
      const what = isFailing
        ? `${address} has failed for ${values.timeoutS} s (${problem}): see the log of the gateway,`
        : `No connection to ${address} in ${values.timeoutS} s (${problem}): start the gateway with "sluice serve", name another with --url,`;
      tooLong.abort(new CommandError(`${what} or wait longer with --timeout-s.`));
    }, values.timeoutS * 1_000);
  }
  function follow(status: ConnectionStatus): void {
    isFailing = status.state === 'live' && status.failure !== undefined;
    if (status.state === 'reconnecting') {
      problem = problemOf(status, status.reason);
      wasAway = true;
      startDeadline();
      progress.waiting(waitingText(status, address));
    } else if (status.state === 'live' && status.failure !== undefined) {
      problem = problemOf(status, status.failure.reason);
      wasAway = true;
      startDeadline();
      progress.waiting(`waiting for ${address} (${problem})`);
    } else if (status.state === 'live') {
      clearTimeout(deadline);
      deadline = undefined;
      progress.arrived();
      if (wasAway && !progress.isLive) progress.note(`connected to ${address}`);
      wasAway = false;
    }
    onStatus(status);
  }

  startDeadline();
  const client = createSluiceClient({
    url,
    transport: values.transport,
    onStatus: follow,
    // It is told here.
    onWarning: false,
    ...(values.token !== undefined && { token: values.token }),
  });
  return {
    client,
    address,
    signal: AbortSignal.any([signal, tooLong.signal]),
    failure: (error) =>
      tooLong.signal.aborted ? tooLong.signal.reason : explained(error, address, client.status),
    async close() {
      clearTimeout(deadline);
      await client.close();
    },
  };
}

/** `waiting for http://… (connection refused), next try in 3 s` */
export function waitingText(
  status: Extract<ConnectionStatus, { state: 'reconnecting' }>,
  address: string,
): string {
  const seconds = Math.max(0, Math.ceil((status.retryAt - Date.now()) / 1_000));
  return `waiting for ${address} (${problemOf(status, status.reason)}), next try in ${seconds} s`;
}

/** A reason of the client's, without the address that it begins with. */
function problemOf({ address }: ConnectionStatus, reason: string): string {
  const beginning = `${address}: `;
  return visible(reason.startsWith(beginning) ? reason.slice(beginning.length) : reason);
}

function explained(error: unknown, address: string, status: ConnectionStatus): unknown {
  if (!(error instanceof SluiceError)) return error;
  if (error.code === 'CONNECTION_FAILED') {
    return new CommandError(`No answer of a gateway at ${address}: ${whatFailed(error)}`, {
      cause: error,
    });
  }
  const hint =
    error.code === 'UNAUTHENTICATED' || error.code === 'FORBIDDEN'
      ? '\n  Set the token of somebody who may do this in SLUICE_TOKEN.'
      : '';
  return new CommandError(
    `${address}: ${problemOf(status, error.message)} (${visible(error.code)})${hint}`,
    {
      cause: error,
    },
  );
}

/** In a few words, and what to do. */
function whatFailed(error: SluiceError): string {
  const origin = lastCause(error);
  const code = 'code' in origin ? origin.code : undefined;
  if (isCertificateProblem(code)) {
    return `its certificate is not trusted (${visible(origin.message)}). Name its authority's file in NODE_EXTRA_CA_CERTS, and the host as the certificate does.`;
  }
  if (isTlsProblem(code)) return 'no TLS is spoken there. Try http:// instead of https://.';
  const problem = networkProblem(code) ?? visible(origin.message);
  return `${problem}. Start one with "sluice serve", or name another with --url.`;
}

/** Where it began: `fetch` wraps what the network said. */
function lastCause(error: Error): Error {
  return error.cause instanceof Error ? lastCause(error.cause) : error;
}
