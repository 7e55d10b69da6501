import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { connectDevice } from './device.ts';
import { startGatewayProcess, type GatewayProcess } from './gateway-process.ts';
import { Inbox } from './inbox.ts';
import { startMosquitto } from './mosquitto.ts';
import { writePageProgram } from './page-programs.ts';
import { until } from './until.ts';

/** A program, such as one that a page shows, as a process of its own. */
export interface RunningProgram extends AsyncDisposable {
  /** The next line that it prints; rejects, telling its complaints, when it has ended. */
  nextLine(): Promise<string>;
  lines(count: number): Promise<string[]>;
  /** Passes over what it says beside its output, on standard error, until a line is so. */
  stateThat(holds: (state: string) => boolean): Promise<string>;
  /** What it has printed that nobody has taken. */
  readonly untaken: readonly string[];
  /** What Ctrl-C in a terminal does. */
  interrupt(): void;
  /** Resolves, when it has ended, with its exit code or with the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** A page of `docs/recipes` with what its programs need: devices, and a gateway that can be killed. */
export interface Recipe extends AsyncDisposable {
  readonly gateway: GatewayProcess;
  readonly folder: string;
  /** Runs one of the page's files; `url` instead of the gateway's stands for something between the two. */
  run(command: string, args: readonly string[], url?: string): RunningProgram;
  /** Publishes as `devices/<id>/messages`; resolves when the gateway has it. */
  publish(deviceId: string, ...payloads: string[]): Promise<void>;
  /** What `/api/v1/stream/stats` answers. */
  stats(): Promise<Record<string, number>>;
  /** Resolves when so many subscriptions are open. */
  subscribers(count: number): Promise<void>;
}

export async function startRecipe(
  page: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Recipe> {
  await using started = new AsyncDisposableStack();
  const { folder } = started.use(await writePageProgram(page));
  const mosquitto = started.use(await startMosquitto());
  const gateway = started.use(
    await startGatewayProcess({ SLUICE_MQTT_URL: mosquitto.url, ...settings }),
  );
  const device = started.use(await connectDevice(mosquitto.url));
  const programs = started.use(new AsyncDisposableStack());
  const stats = async (): Promise<Record<string, number>> =>
    (await (await fetch(`${gateway.url}/api/v1/stream/stats`)).json()) as Record<string, number>;
  const disposal = started.move();

  return {
    gateway,
    folder,
    stats,
    run(command, args, url = gateway.url) {
      return programs.use(
        runProgram(command, args, {
          cwd: folder,
          env: { ...process.env, SLUICE_URL: url },
        }),
      );
    },
    async publish(deviceId, ...payloads) {
      const before = (await stats())['total_messages_processed']!;
      const topic = `devices/${deviceId}/messages`;
      await device.publishAll(payloads.map((payload) => ({ topic, payload })));
      await until(
        `the gateway has ${payloads.length} more messages`,
        async () => (await stats())['total_messages_processed']! >= before + payloads.length,
      );
    },
    async subscribers(count) {
      await until(
        `${count} subscriptions are open`,
        async () => (await stats())['active_subscribers'] === count,
      );
    },
    [Symbol.asyncDispose]: () => disposal.disposeAsync(),
  };
}

/** A process of its own, in a group of its own. */
export function runProgram(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env: NodeJS.ProcessEnv },
): RunningProgram {
  // A group of its own, as a shell in a terminal gives it: Ctrl-C goes to all of it.
  const child = spawn(command, args, {
    ...options,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = new Inbox<string>();
  const states = new Inbox<string>();
  let said = '';
  const readers = [
    createInterface({ input: child.stdout }).on('line', (line) => output.push(line)),
    createInterface({ input: child.stderr }).on('line', (line) => {
      said += `${line}\n`;
      states.push(line);
    }),
  ];
  async function end(): Promise<number | NodeJS.Signals> {
    const closed = readers.map((reader) => once(reader, 'close'));
    const [code, by] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    await Promise.all(closed);
    const how = code ?? by!;
    const why = new Error(`${command} ${args.join(' ')} has ended (${how}): ${said}`);
    output.end(why);
    states.end(why);
    return how;
  }
  const ended = end();
  function signal(name: NodeJS.Signals): void {
    try {
      process.kill(-child.pid!, name);
    } catch {
      // The whole group has ended already.
    }
  }

  return {
    nextLine: () => output.next(),
    lines: (count) => output.take(count),
    async stateThat(holds) {
      for (;;) {
        const state = await states.next();
        if (holds(state)) return state;
      }
    },
    get untaken() {
      return output.untaken;
    },
    interrupt: () => signal('SIGINT'),
    ended,
    async [Symbol.asyncDispose]() {
      signal('SIGKILL');
      await ended;
    },
  };
}
