import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

export interface ChildOptions {
  readonly name: string;
  readonly command: readonly string[];
  /** The processors that it may run on, as `taskset` writes them; undefined: all. */
  readonly cpus: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it has an IPC channel. */
  readonly talks?: boolean;
}

export interface Child {
  readonly pid: number;
  /** Settles with how it ended; what it last wrote is part of that. */
  readonly ended: Promise<string>;
  /** Settles when it has written `text`; rejects when it ends first. */
  wrote(text: string): Promise<void>;
  /** Sends a message and settles with the next one that comes back. */
  ask(message: object): Promise<unknown>;
  stop(): Promise<void>;
}

/**
 * As many open files as are allowed, but not the billion that some containers allow: Mosquitto's
 * WebSocket library allocates a table of that size.
 */
const raiseLimit =
  'n=$(ulimit -Hn); if [ "$n" = unlimited ] || [ "$n" -gt 65536 ]; then n=65536; fi; ulimit -n "$n"; exec "$@"';
const outputKept = 2000;
const running = new Set<Child>();

export function startChild(options: ChildOptions): Child {
  const pinned = options.cpus === undefined ? [] : ['taskset', '-c', options.cpus];
  const child = spawn('sh', ['-c', raiseLimit, 'sh', ...pinned, ...options.command], {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe', options.talks === true ? 'ipc' : 'ignore'],
    serialization: 'advanced',
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot start ${options.name}`);

  let output = '';
  const wroteMore = new EventTarget();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-outputKept);
      wroteMore.dispatchEvent(new Event('more'));
    });
  }
  // `close` comes when the output has been read to its end as well.
  const ended = once(child, 'close').then(([code, signal]) => {
    running.delete(handle);
    const last = output.trim().split('\n').slice(-12).join('\n');
    return `${options.name} ended with ${signal ?? code}${last === '' ? '' : `: ${last}`}`;
  });
  const rejectWhenEnded = () =>
    ended.then((how) => {
      throw new Error(how);
    });

  const handle: Child = {
    pid,
    ended,
    async wrote(text) {
      const written = new Promise<void>((resolve) => {
        const look = () => {
          if (output.includes(text)) resolve();
        };
        wroteMore.addEventListener('more', look);
        look();
      });
      await Promise.race([written, rejectWhenEnded()]);
    },
    async ask(message) {
      const answered = once(child, 'message');
      child.send(message);
      const [answer] = (await Promise.race([answered, rejectWhenEnded()])) as [unknown];
      return answer;
    },
    async stop() {
      child.kill('SIGTERM');
      const stopped = await Promise.race([ended.then(() => true), delay(2000, false)]);
      if (stopped) return;
      child.kill('SIGKILL');
      await ended;
    },
  };
  running.add(handle);
  return handle;
}

/** Ends every process that this one has started, each by its own id. */
export async function stopChildren(): Promise<void> {
  await Promise.all(Array.from(running, (child) => child.stop()));
}
