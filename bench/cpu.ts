// Measures the processor time of processes and their descendants. Only Linux reports it; elsewhere the figures are left out.
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks per second; 100 on every Linux that Node runs on. */
const ticks = 100;

type Stat = { parent: number; seconds: number };

/** Returns the seconds of this process and its descendants, including ended ones; undefined where the system does not report it. */
export function cpuSeconds(pid: number): number | undefined {
  const all = readAll();
  if (!all) return undefined;
  let seconds = 0;
  for (const [each, stat] of all) if (descendsFrom(pid, each, all)) seconds += stat.seconds;
  return seconds;
}

function descendsFrom(ancestor: number, pid: number, all: Map<number, Stat>): boolean {
  for (let at: number | undefined = pid; at; at = all.get(at)?.parent) if (at === ancestor) return true;
  return false;
}

function readAll(): Map<number, Stat> | undefined {
  try {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return new Map(pids.flatMap((pid) => statOf(Number(pid))));
  } catch {
    return undefined;
  }
}

function statOf(pid: number): [number, Stat][] {
  try {
    // The name in brackets may contain spaces. After it come: state, parent, …, and from the 12th field on user,
    // system, and both times of ended children.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    const spent = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return [[pid, { parent: Number(fields[1]), seconds: spent / ticks }]];
  } catch {
    return [];
  }
}
