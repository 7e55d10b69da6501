import type { IncomingHttpHeaders } from 'node:http';
import { hostname } from 'node:os';
import type { RefusalReason } from '../observe/refusals.ts';
import { hostNameOf, isAddress, isDomain, isLoopback, originOf } from './origin.ts';

export interface OriginSettings {
  /** The name or the address that the gateway listens on. */
  readonly host: string;
  readonly allowedOrigins: readonly string[];
  readonly allowedHosts: readonly string[];
}

export type Verdict =
  | {
      readonly admitted: true;
      /** For `Access-Control-Allow-Origin`; undefined when no page of another origin asks. */
      readonly allowOrigin: string | undefined;
    }
  | {
      readonly admitted: false;
      readonly reason: RefusalReason;
      /** For the client and for the log: it says what to set. */
      readonly message: string;
    };

/**
 * Decides by its headers whether a request may be answered. `anyHost`: it may
 * have been sent to any name, as a probe is that knows an address alone.
 */
export type OriginPolicy = (
  headers: IncomingHttpHeaders,
  options?: { readonly anyHost?: boolean },
) => Verdict;

/**
 * Who may read what a gateway serves without asking who they are. Being in the
 * same machine or network is a right then, and a browser lends it to every page
 * that it shows. So a page must be the gateway's own or of an allowed origin, and
 * the name that the request was sent to must be the gateway's: a name of an
 * attacker that resolves to this address (DNS rebinding) would make the
 * attacker's page and the gateway one origin.
 */
export function createOriginPolicy({
  host: boundHost,
  allowedOrigins,
  allowedHosts,
}: OriginSettings): OriginPolicy {
  const bound = hostNameOf(boundHost) ?? '';
  const onLoopback = isLoopback(bound);
  const anyOrigin = allowedOrigins.includes('*');
  const origins = new Set(allowedOrigins.map(originOf));
  const anyHost = allowedHosts.includes('*');
  const domains = allowedHosts.filter(isDomain).map((domain) => `.${hostNameOf(domain.slice(1))}`);
  const hosts = new Set(allowedHosts.filter((host) => !isDomain(host)).map(hostNameOf));
  hosts.add(bound).add('localhost');
  if (!onLoopback) hosts.add(hostNameOf(hostname()));

  function isOwnHost(host: string): boolean {
    if (anyHost) return true;
    const name = hostNameOf(host);
    if (name === undefined) return false;
    return (
      hosts.has(name) ||
      domains.some((domain) => `.${name}`.endsWith(domain)) ||
      // No DNS server has a say in an address.
      (onLoopback ? isLoopback(name) : isAddress(name))
    );
  }

  function isAllowedOrigin(origin: string): boolean {
    if (anyOrigin || origins.has(origin)) return true;
    // The servers of front ends in development. What runs on this machine reaches the gateway anyway.
    return onLoopback && isLoopbackPage(origin);
  }

  return (headers, { anyHost: takesAnyHost = false } = {}) => {
    const { host = '', origin: sentOrigin } = headers;
    // No browser leaves the host out.
    const ownHost = host === '' || isOwnHost(host);
    if (!ownHost && !takesAnyHost) return foreignHost(host);
    if (sentOrigin === undefined) {
      return anyOrigin || !isEmbedded(headers) ? admitted() : foreignSite;
    }
    const origin = originOf(sentOrigin);
    if (origin === undefined) return anyOrigin ? admitted('*') : foreignOrigin(sentOrigin);
    if (ownHost && isPageOf(host, origin)) return admitted();
    return isAllowedOrigin(origin) ? admitted(origin) : foreignOrigin(sentOrigin);
  };
}

/** A proxy may have spoken HTTPS with the page, so the scheme is the page's, and with it the default port. */
function isPageOf(host: string, origin: string): boolean {
  const scheme = origin.slice(0, origin.indexOf(':'));
  return /^https?$/.test(scheme) && originOf(`${scheme}://${host}`) === origin;
}

function isLoopbackPage(origin: string): boolean {
  const [, host] = /^https?:\/\/(.*)$/.exec(origin) ?? [];
  return host !== undefined && isLoopback(hostNameOf(host) ?? '');
}

/**
 * Whether a page of another site loads it as a part of itself: as an image, a
 * script or a frame. Such a request has no Origin header. A link that leads
 * here is none: what it opens, no other page can read.
 */
function isEmbedded(headers: IncomingHttpHeaders): boolean {
  if (headers['sec-fetch-site'] !== 'cross-site') return false;
  return headers['sec-fetch-mode'] !== 'navigate' || headers['sec-fetch-dest'] !== 'document';
}

function admitted(allowOrigin?: string): Verdict {
  return { admitted: true, allowOrigin };
}

function foreignHost(host: string): Verdict {
  return {
    admitted: false,
    reason: 'FOREIGN_HOST',
    message: `${quoted(host)} is not a name of this gateway. If it should be, put the host name into SLUICE_ALLOWED_HOSTS.`,
  };
}

function foreignOrigin(origin: string): Verdict {
  return {
    admitted: false,
    reason: 'FOREIGN_ORIGIN',
    message: `A page at ${quoted(origin)} may not read this gateway. If it should, put its origin into SLUICE_ALLOWED_ORIGINS.`,
  };
}

const foreignSite: Verdict = {
  admitted: false,
  reason: 'FOREIGN_ORIGIN',
  message:
    'A page of another site may not read this gateway as a part of itself. If it should, put its origin into SLUICE_ALLOWED_ORIGINS and load with CORS.',
};

const quotedCharacters = 100;

/** Anybody's text, for people: printable and bounded. */
function quoted(text: string): string {
  const shown = text.length > quotedCharacters ? `${text.slice(0, quotedCharacters)}…` : text;
  return JSON.stringify(shown).replaceAll(/[^ -~…]/g, '?');
}
