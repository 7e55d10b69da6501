import { cpuMicros, machineMicros } from './proc.ts';

/** The processes of a cell. A row that is its own MQTT broker has no other one. */
export interface Pids {
  readonly server: number;
  readonly broker: number | undefined;
  readonly load: number;
}

/** Processor time in microseconds. */
export interface Usage {
  readonly server: number;
  readonly broker: number;
  readonly load: number;
  /** Of everything else that ran on the machine: what disturbs a measurement. */
  readonly others: number;
}

function total(pids: Pids): Usage {
  const server = cpuMicros(pids.server);
  const broker = pids.broker === undefined ? 0 : cpuMicros(pids.broker);
  const load = cpuMicros(pids.load);
  const own = server + broker + load + cpuMicros(process.pid);
  return { server, broker, load, others: machineMicros() - own };
}

/** Starts a reading; the function that it returns ends it. */
export function watchUsage(pids: Pids): () => Usage {
  const before = total(pids);
  return () => {
    const after = total(pids);
    return {
      server: after.server - before.server,
      broker: after.broker - before.broker,
      load: after.load - before.load,
      others: Math.max(0, after.others - before.others),
    };
  };
}
