import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { listening, type ListeningServer } from './listening-server.ts';

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
};

/** A web server which hands out the files of a folder as they are. */
export async function startFileServer(folder: string): Promise<ListeningServer> {
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
  return listening(server);
}
