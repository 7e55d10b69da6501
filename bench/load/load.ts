import { fileURLToPath } from 'node:url';
import { startChild, type Child } from '../measure/child.ts';
import type { PhaseOptions, PhaseReport, SealReport } from './phase.ts';
import type { LoadAnswer, LoadRequest } from './protocol.ts';
import type { Feed, Shape, Target } from './shape.ts';

/** The plan's end of the load process. */
export class Load implements AsyncDisposable {
  readonly #child: Child;

  private constructor(child: Child) {
    this.#child = child;
  }

  /** Starts the process and its publisher; there are no clients yet. */
  static async start(shape: Shape, feed: Feed, cpus: string | undefined): Promise<Load> {
    const script = fileURLToPath(new URL('process.ts', import.meta.url));
    const child = startChild({
      name: 'load',
      command: [process.execPath, '--max-semi-space-size=64', script],
      cpus,
      talks: true,
    });
    const load = new Load(child);
    await load.#ask({ call: 'feed', shape, feed });
    return load;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Settles when all clients are connected and messages reach each of them. */
  async connect(target: Target): Promise<void> {
    await this.#ask({ call: 'connect', target });
    await this.#ask({ call: 'subscribed' });
  }

  async run(phase: PhaseOptions): Promise<PhaseReport> {
    return (await this.#ask({ call: 'run', phase })) as PhaseReport;
  }

  /** To be called behind each phase whose result counts. */
  async seal(patienceMs: number): Promise<SealReport> {
    return (await this.#ask({ call: 'seal', patienceMs })) as SealReport;
  }

  async stall(): Promise<void> {
    await this.#ask({ call: 'stall' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stop();
  }

  async #ask(request: LoadRequest): Promise<unknown> {
    const answer = (await this.#child.ask(request)) as LoadAnswer;
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.value;
  }
}
