import { fileURLToPath } from 'node:url';
import { startChild, type Child } from '../measure/child.ts';
import type { PhaseOptions, PhaseReport } from './phase.ts';
import type { LoadAnswer, LoadRequest } from './protocol.ts';
import type { Shape, Target } from './shape.ts';

/** The plan's end of the load process. */
export class Load implements AsyncDisposable {
  readonly #child: Child;

  private constructor(child: Child) {
    this.#child = child;
  }

  static async open(shape: Shape, target: Target, cpus: string | undefined): Promise<Load> {
    const script = fileURLToPath(new URL('process.ts', import.meta.url));
    const child = startChild({
      name: 'load',
      command: [process.execPath, '--max-semi-space-size=64', script],
      cpus,
      talks: true,
    });
    const load = new Load(child);
    try {
      await load.#ask({ call: 'open', shape, target });
      await load.#ask({ call: 'subscribed' });
      return load;
    } catch (error) {
      await child.stop();
      throw error;
    }
  }

  get pid(): number {
    return this.#child.pid;
  }

  async run(phase: PhaseOptions): Promise<PhaseReport> {
    return (await this.#ask({ call: 'run', phase })) as PhaseReport;
  }

  async stall(): Promise<void> {
    await this.#ask({ call: 'stall' });
  }

  async closeClients(): Promise<void> {
    await this.#ask({ call: 'close' });
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
