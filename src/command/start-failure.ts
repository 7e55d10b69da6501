import type { Settings } from '../config.ts';

/** One line that says why the gateway did not start, and which setting to change. */
export function explainStartFailure(error: unknown, { host, port }: Settings): string {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is in use: choose another with SLUICE_PORT or --port (0: any free port), or end what uses it.`;
    case 'EACCES':
      return `Port ${port} on ${host} is not allowed to this user: choose one from 1024 on with SLUICE_PORT or --port.`;
    case 'EADDRNOTAVAIL':
    case 'EAI_AGAIN':
    case 'ENOTFOUND':
      return `${host} is no address of this machine: choose another with SLUICE_HOST or --host.`;
    case undefined:
    default:
      return `The gateway could not start: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Only of what went wrong with the own address: the MQTT broker has codes of the same names. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return undefined;
  const { syscall, code } = error;
  const isOwn = syscall === 'listen' || syscall === 'bind' || syscall === 'getaddrinfo';
  return isOwn ? String(code) : undefined;
}
