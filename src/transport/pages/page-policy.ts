/**
 * A Content-Security-Policy for a page of the gateway: everything that is not listed is
 * forbidden, including framing.
 */
export function pagePolicy(sources: Readonly<Record<string, string>>): string {
  return Object.entries({
    'default-src': "'none'",
    ...sources,
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
  })
    .map(([directive, source]) => `${directive} ${source}`)
    .join('; ');
}
