import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
};

/** A web server of a test's own, which hands out the files of a folder as they are. */
export interface FileServer extends AsyncDisposable {
  readonly url: string;
}

export async function startFileServer(folder: string): Promise<FileServer> {
  const server = createServer((request, response) => {
    void answer(new URL(request.url!, 'http://localhost').pathname, response);
  });
  async function answer(pathname: string, response: ServerResponse): Promise<void> {
    try {
      const content = await readFile(join(folder, pathname));
      const type = mediaTypes[extname(pathname)] ?? 'application/octet-stream';
      response.writeHead(200, { 'content-type': type }).end(content);
    } catch {
      // There is no such file.
      response.writeHead(404).end();
    }
  }
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
