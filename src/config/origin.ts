import { isIPv4, isIPv6 } from 'node:net';

/**
 * The name of a host as URLs spell it: lower case, punycode, IPv6 in brackets,
 * without the port and without the dot at the end. Undefined for what is no host.
 */
export function hostNameOf(host: string): string | undefined {
  const authority = isIPv6(host) ? `[${host}]` : host;
  if (!isHost(authority)) return undefined;
  return new URL(`http://${authority}`).hostname.replace(/\.$/, '');
}

/** Whether it can stand in a URL, as what builds one from it relies on [RFC 9112, 3.2]. */
export function isHost(host: string): boolean {
  return !/[/?#@\\]/.test(host) && URL.canParse(`http://${host}`);
}

/**
 * An origin as URLs spell it, without the default port of its scheme [RFC 6454, 6.2].
 * Undefined for `null`, and for anything with more in it than a scheme, a host and a port.
 */
export function originOf(text: string): string | undefined {
  const [, scheme, host] = /^([a-z][a-z\d+.-]*:)\/\/([^\s,%/?#@\\]+)$/i.exec(text) ?? [];
  if (scheme === undefined || host === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return `${url.protocol}//${url.host.toLowerCase()}`;
}

/** Whether it is a name or an address of this machine alone. Takes what `hostNameOf` returns. */
export function isLoopback(hostName: string): boolean {
  return hostName === 'localhost' || hostName === '[::1]' || /^127(?:\.\d+){3}$/.test(hostName);
}

/** Whether it is an IP address. Takes what `hostNameOf` returns. */
export function isAddress(hostName: string): boolean {
  return hostName.startsWith('[') || isIPv4(hostName);
}

/** Whether it may stand in `SLUICE_ALLOWED_ORIGINS`. */
export function isOriginEntry(text: string): boolean {
  return text === '*' || (originOf(text) !== undefined && !text.includes('*'));
}

/** Whether it may stand in `SLUICE_ALLOWED_HOSTS`: a host name, or a domain with a dot in front. */
export function isHostEntry(text: string): boolean {
  if (text === '*') return true;
  const name = isDomain(text) ? text.slice(1) : text;
  const hasPort = !isIPv6(name) && /:\d*$/.test(name);
  return hostNameOf(name) !== undefined && !hasPort && !/^\.|\*/.test(name);
}

/** Whether an entry stands for a domain and for every name below it. */
export function isDomain(entry: string): boolean {
  return entry.startsWith('.');
}
