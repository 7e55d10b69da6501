/** What the log says of a failed connection. A stack would only show the way through MQTT.js. */
export function problemOf(error: unknown): { readonly code: unknown; readonly problem: string } {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  // The network's error over several addresses has no text of its own.
  const text = error instanceof Error ? error.message : String(error);
  return { code, problem: text === '' ? String(code) : text };
}
