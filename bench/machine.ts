import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';
import { allowedCpus } from './measure/proc.ts';

/** Which processors the server, the MQTT broker and the load run on; undefined: wherever they like. */
export interface Pinning {
  readonly server: string | undefined;
  readonly broker: string | undefined;
  readonly load: string | undefined;
  readonly said: string;
}

/** The server gets a processor to itself; what loads it shares the others. */
export function pinning(wanted: boolean): Pinning {
  const [first, second, ...others] = allowedCpus();
  if (!wanted || first === undefined || second === undefined || !hasTaskset()) {
    return { server: undefined, broker: undefined, load: undefined, said: 'nothing is pinned' };
  }
  const load = others.length > 0 ? others.join(',') : String(second);
  const said = `pinned with taskset: server on cpu ${first}, MQTT broker on ${second}, load on ${load}`;
  return { server: String(first), broker: String(second), load, said };
}

function hasTaskset(): boolean {
  try {
    execFileSync('taskset', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false; // Not installed: the processes then share all processors.
  }
}

export function machine(): string {
  const all = cpus();
  const gib = Math.round(totalmem() / 2 ** 30);
  return `${all.length} × ${all[0]?.model.trim() ?? 'unknown processor'}, ${gib} GiB, Linux ${release()}, Node ${process.version}`;
}
