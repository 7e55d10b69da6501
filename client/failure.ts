import { SluiceError, type GraphqlError } from './sluice-error.ts';

/** Something that did not work, and what follows from it. */
export interface Failure {
  readonly error: SluiceError;
  /** What it concerns: one operation; the connection; the gateway, which said so, and so could be reached; or the token. */
  readonly of: 'operation' | 'connection' | 'gateway' | 'token';
  /** Whether the same may work in a while. */
  readonly passes: boolean;
}

/** Operations that the gateway ended for reasons of its own go on by position. */
const passingCodes = new Set(['SLOW_CONSUMER', 'SHUTTING_DOWN', 'INTERNAL_SERVER_ERROR']);

/** The client or its operations would have to change: WebSocket (RFC 6455, 7.4.1) and graphql-transport-ws. */
const lastingCloseCodes = new Set([
  1002, 1003, 1007, 1008, 1009, 1010, 4004, 4005, 4400, 4401, 4406, 4409, 4429,
]);

export function connectionLost(reason: string, cause?: unknown): Failure {
  return {
    error: new SluiceError('CONNECTION_FAILED', reason, { cause }),
    of: 'connection',
    passes: true,
  };
}

/** Its error with the address in it, unless the gateway speaks of an operation. */
export function errorAt(address: string, { error, of }: Failure): SluiceError {
  if (of === 'operation') return error;
  const { code, message, cause, errors } = error;
  return new SluiceError(code, `${address}: ${message}`, { cause, errors });
}

export function failureOfErrors(errors: readonly GraphqlError[]): Failure {
  const [first] = errors;
  const given = first?.extensions?.['code'];
  const code = typeof given === 'string' ? given : 'INTERNAL_SERVER_ERROR';
  const error = new SluiceError(code, errors.map(({ message }) => message).join(' '), { errors });
  if (code === 'UNAUTHENTICATED') return { error, of: 'token', passes: true };
  return { error, of: 'operation', passes: passingCodes.has(code) };
}

export function failureOfClose(code: number, reason: string, cause: unknown): Failure {
  const said = reason === '' ? '' : `: ${reason}`;
  if (code === 4403) {
    const error = new SluiceError('UNAUTHENTICATED', `the gateway refused the token${said}`);
    return { error, of: 'token', passes: true };
  }
  if (lastingCloseCodes.has(code)) {
    const message = `the gateway refused the connection (${code}${said})`;
    const error = new SluiceError(
      code === 4401 ? 'UNAUTHENTICATED' : 'CONNECTION_REFUSED',
      message,
      { cause },
    );
    return { error, of: 'connection', passes: false };
  }
  if (code === 1001 || code === 1012 || code === 1013) {
    const what = code === 1013 ? 'the gateway has no room' : 'the gateway is shutting down';
    return { ...connectionLost(`${what} (${code}${said})`), of: 'gateway' };
  }
  return connectionLost(`the connection was lost (${code}${said})`, cause);
}

/** An answer that is no stream: of the gateway, or of a proxy on the way. */
export function failureOfAnswer(status: number, body: string): Failure {
  const errors = errorsIn(body);
  if (status === 401) {
    const message = errors?.[0]?.message ?? 'the gateway refused the token';
    return { error: new SluiceError('UNAUTHENTICATED', message), of: 'token', passes: true };
  }
  if (status >= 500 || status === 429 || status === 408) {
    return connectionLost(`the answer was ${status}`);
  }
  if (errors !== undefined) return failureOfErrors(errors);
  const message = `the answer was ${status} and nothing that a gateway says: is the address right?`;
  return {
    error: new SluiceError(status === 403 ? 'FORBIDDEN' : 'CONNECTION_REFUSED', message),
    of: 'connection',
    passes: false,
  };
}

function errorsIn(body: string): readonly GraphqlError[] | undefined {
  try {
    const { errors } = JSON.parse(body) as { errors?: unknown };
    return Array.isArray(errors) && errors.length > 0
      ? (errors as readonly GraphqlError[])
      : undefined;
  } catch {
    // Not of the gateway, which answers in JSON.
    return undefined;
  }
}
