import type { IncomingHttpHeaders } from 'node:http';
import { hostname } from 'node:os';
import type { RefusalReason } from '../metrics/refusals.ts';
import { hostNameOf, isAddress, isDomain, isLoopback, originOf } from '../config/origin.ts';

export interface OriginSettings {
  /** The host name or the address on which the gateway listens. */
  readonly host: string;
  readonly allowedOrigins: readonly string[];
  readonly allowedHosts: readonly string[];
}

export type Verdict =
  | {
      readonly admitted: true;
      /**
       * The value of `Access-Control-Allow-Origin`; undefined when the request is not
       * from a page of another origin.
       */
      readonly allowOrigin: string | undefined;
    }
  | {
      readonly admitted: false;
      readonly reason: RefusalReason;
      /** The message for the client and the log: it says what to set. */
      readonly message: string;
    };

/**
 * Decides by the headers of a request whether it may be answered. With `anyHost`, the
 * host name of the request is not checked.
 */
export type OriginPolicy = (
  headers: IncomingHttpHeaders,
  options?: { readonly anyHost?: boolean },
) => Verdict;

/**
 * Without authentication, every client that can reach the gateway may read, and a
 * browser can reach it on behalf of every page that it shows. So a page must be the
 * gateway's own or have an allowed origin. The host must be the gateway's too: when an
 * attacker's name resolves to this address (DNS rebinding), a browser treats the
 * attacker's page and the gateway as one origin.
 */
export function createOriginPolicy({
  host: boundHost,
  allowedOrigins,
  allowedHosts,
}: OriginSettings): OriginPolicy {
  const bound = hostNameOf(boundHost);
  const onLoopback = bound !== undefined && isLoopback(bound);
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
      // An IP address needs no DNS lookup, so it cannot be rebound.
      (onLoopback ? isLoopback(name) : isAddress(name))
    );
  }

  function isAllowedOrigin(origin: string): boolean {
    if (anyOrigin || origins.has(origin)) return true;
    // For development servers. A program that serves pages on this machine can reach the gateway
    // itself.
    return onLoopback && isLoopbackPage(origin);
  }

  return (headers, { anyHost: takesAnyHost = false } = {}) => {
    const { host = '', origin: sentOrigin } = headers;
    // Every browser sends the host.
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

/**
 * A proxy may serve the page over HTTPS, so the scheme of the page counts, and
 * determines the default port of the host.
 */
function isPageOf(host: string, origin: string): boolean {
  const scheme = origin.slice(0, origin.indexOf(':'));
  return /^https?$/.test(scheme) && originOf(`${scheme}://${host}`) === origin;
}

function isLoopbackPage(origin: string): boolean {
  const [, host] = /^https?:\/\/(.*)$/.exec(origin) ?? [];
  return host !== undefined && isLoopback(hostNameOf(host) ?? '');
}

/**
 * Whether a page of another site embeds the answer as an image, a script or a frame;
 * such a request has no Origin header. Following a link is not embedding: the other
 * page cannot read what it opens.
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

/** A client's text, made printable and limited in length. */
function quoted(text: string): string {
  const shown = text.length > quotedCharacters ? `${text.slice(0, quotedCharacters)}…` : text;
  return JSON.stringify(shown).replaceAll(/[^ -~…]/g, '?');
}
