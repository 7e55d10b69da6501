import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that the kernel hands out, lest a connection takes the port between two starts of a server. */
const range = { first: 20_000, last: 32_767 };

/** A port on 127.0.0.1 that nobody has now. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = range.first + Math.floor(Math.random() * (range.last - range.first + 1));
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    // Somebody has it, which is the answer.
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
