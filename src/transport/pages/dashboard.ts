import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Exchange } from '../http/endpoint.ts';
import { beginPage, tagOf } from './page-answer.ts';
import type { Page } from './page.ts';
import { pagePolicy } from './page-policy.ts';

interface PageFile extends Page {
  readonly content: Buffer;
}

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The page may load only its own files and data of its own gateway. */
const policy = pagePolicy({
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self'",
  'connect-src': "'self'",
});

/** Answers whether the path is one of the page's files, and has then been answered. */
export type ServeDashboard = (exchange: Exchange) => boolean;

/** The folder of the built page. */
export function builtDashboard(): string {
  return join(dirname(findPackageJSON(import.meta.url) ?? '.'), 'dist/client/web');
}

/**
 * The files of the page, read and compressed at the first request. Only files in the
 * folder have an address: no path is made from a request. A page that was not built has
 * no files.
 */
export function createDashboard(folder: string): ServeDashboard {
  let files: ReadonlyMap<string, PageFile> | undefined;

  return (exchange) => {
    const { pathname, response } = exchange;
    if (pathname !== '/' && !pathname.startsWith('/assets/')) return false;
    files ??= readFiles(folder);
    const file = files.get(pathname);
    if (file === undefined) return false;
    const encoding = beginPage(exchange, file);
    if (encoding !== undefined) {
      const body = (encoding !== 'identity' && file.encoded[encoding]) || file.content;
      response.setHeader('content-length', body.length).end(body);
    }
    return true;
  };
}

function readFiles(folder: string): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>();
  for (const name of filesIn(folder)) {
    const content = readFileSync(join(folder, name));
    const isIndex = name === 'index.html';
    files.set(isIndex ? '/' : `/${name}`, {
      content,
      encoded: { ...brotliOf(join(folder, name)), gzip: gzipSync(content) },
      tag: tagOf(content),
      headers: {
        'content-type': mediaTypes[extname(name)] ?? 'application/octet-stream',
        // The name of every other file contains a hash of its content.
        'cache-control': isIndex ? 'no-cache' : 'public, max-age=31536000, immutable',
        'content-security-policy': policy,
      },
    });
  }
  return files;
}

/** The build compresses it, because Brotli takes long at a useful level. */
function brotliOf(path: string): { readonly br?: Buffer } {
  const compressed = `${path}.br`;
  return existsSync(compressed) ? { br: readFileSync(compressed) } : {};
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && extname(entry.name) in mediaTypes)
      .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1));
  } catch {
    // The gateway runs from its sources, without a build.
    return [];
  }
}
