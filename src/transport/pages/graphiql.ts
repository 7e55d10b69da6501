import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { brotliCompress, constants, createGunzip, gunzip, gzip } from 'node:zlib';
import type { ContentEncoding } from '../http/content-encoding.ts';
import type { Exchange } from '../http/endpoint.ts';
import { readBuiltGraphiql, renderGraphiqlHtml } from './graphiql-html.ts';
import { beginPage, tagOf } from './page-answer.ts';
import type { Page } from './page.ts';
import { pagePolicy } from './page-policy.ts';

const gzipPage = promisify(gzip);
const gunzipPage = promisify(gunzip);
const brotliPage = promisify(brotliCompress);
/**
 * The Brotli level while someone waits: 1.9 MB in 0.8 s. Level 9 makes 1.8 MB in 4 s,
 * and 11 takes 45 s.
 */
const quality = 5;

/**
 * GraphiQL without a CDN, so that it works without the internet. The page has 9 MB of
 * HTML: it is read at the first request and kept compressed (2.4 MB with gzip, 1.9 MB
 * with Brotli).
 */
export function createGraphiqlPage(): (exchange: Exchange) => Promise<void> {
  let page: Promise<GraphiqlPage> | undefined;

  return async (exchange) => {
    const { response } = exchange;
    page ??= readPage();
    const made = await page;
    const encoding = beginPage(exchange, made);
    if (encoding === 'identity') {
      // Sent in pieces as the client reads: as a whole, it would take 9 MB for each client that
      // requests it and does not read.
      const text = createGunzip();
      text.end(made.encoded.gzip);
      await pipeline(text, response);
    } else if (encoding !== undefined) {
      const body = made.encoded[encoding];
      response.setHeader('content-length', body.length).end(body);
    }
  };
}

interface GraphiqlPage extends Page {
  readonly encoded: Readonly<Record<ContentEncoding, Buffer>>;
}

async function readPage(): Promise<GraphiqlPage> {
  const gzipped = (await readBuiltGraphiql()) ?? (await gzipPage(await renderGraphiqlHtml()));
  const html = await gunzipPage(gzipped);
  const br = await brotliPage(html, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } });
  return {
    encoded: { br, gzip: gzipped },
    tag: tagOf(html),
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'content-security-policy': policyFor(html.toString()),
    },
  };
}

/** The page may run only its own scripts and load only data of its own gateway. */
function policyFor(html: string): string {
  const scripts = Array.from(html.matchAll(/<script\b[^>]*>(.*?)<\/script/gis), ([, script]) => {
    const hash = createHash('sha256').update(script!).digest('base64');
    return `'sha256-${hash}'`;
  });
  return pagePolicy({
    'script-src': scripts.join(' '),
    // The editor creates its worker and its styles at run time.
    'worker-src': 'blob:',
    'style-src': "'unsafe-inline'",
    'font-src': 'data:',
    'img-src': 'data:',
    'connect-src': "'self'",
  });
}
