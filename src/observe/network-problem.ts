export const reset = 'the connection was reset';

const texts: ReadonlyMap<unknown, string> = new Map([
  ['ECONNREFUSED', 'connection refused'],
  ['ECONNRESET', reset],
  ['EPIPE', reset],
  ['UND_ERR_SOCKET', reset],
  ['ENOTFOUND', 'host not found'],
  ['EAI_AGAIN', 'host not found'],
  ['ETIMEDOUT', 'no answer'],
  ['UND_ERR_CONNECT_TIMEOUT', 'no answer'],
  ['EHOSTUNREACH', 'host unreachable'],
  ['ENETUNREACH', 'network unreachable'],
]);

/** A short description of a network error code of Node.js; undefined for any other code. */
export function networkProblem(code: unknown): string | undefined {
  return texts.get(code);
}

/** Whether the certificate of the other side is not trusted. */
export function isCertificateProblem(code: unknown): boolean {
  return typeof code === 'string' && /CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)/.test(code);
}

/** Whether the other side does not use TLS. */
export function isTlsProblem(code: unknown): boolean {
  return typeof code === 'string' && (code === 'EPROTO' || code.startsWith('ERR_SSL'));
}
