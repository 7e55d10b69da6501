/**
 * Any page may read: front ends are served from elsewhere. No cookie or other
 * ambient authority is ever looked at, so there is none that a page could abuse.
 */
export const crossOrigin = { 'access-control-allow-origin': '*' } as const;
