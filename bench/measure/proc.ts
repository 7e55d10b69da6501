import { readFileSync } from 'node:fs';

/** Linux reports process times in ticks of 10 ms on every architecture that Node runs on. */
const tickMicros = 10_000;

/** User and system time of a process with all its threads, since it started. */
export function cpuMicros(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The command may hold spaces and parentheses; the numbers start behind the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMicros;
}

/** What all processes of the machine have used of all its processors, and what a hypervisor took. */
export function machineMicros(): number {
  const [, user, nice, system, , , irq, softIrq, steal] = readFileSync('/proc/stat', 'latin1')
    .split('\n', 1)[0]!
    .split(/ +/)
    .map(Number);
  const ticks = [user, nice, system, irq, softIrq, steal];
  return ticks.reduce<number>((sum, each) => sum + (each ?? 0), 0) * tickMicros;
}

export function residentKib(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
  return Number(/^Rss:\s+(\d+)/m.exec(rollup)?.[1]);
}

export function allowedCpus(): number[] {
  const status = readFileSync('/proc/self/status', 'latin1');
  const list = /^Cpus_allowed_list:\s+(\S+)/m.exec(status)?.[1] ?? '0';
  return list.split(',').flatMap((range) => {
    const [from, to] = range.split('-').map(Number);
    if (from === undefined) return [];
    return Array.from({ length: (to ?? from) - from + 1 }, (_, i) => from + i);
  });
}
