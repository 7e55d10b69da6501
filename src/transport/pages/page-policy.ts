/** A Content-Security-Policy for a page of the gateway: what is not named is forbidden, being framed too. */
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
