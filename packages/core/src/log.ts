/** The log of a process: one line of JSON per event on standard error. */
import type { Clock, Log } from './context.ts';

export type LogLevel = 'silent' | 'error' | 'info' | 'debug';

const weights = { info: 1, warn: 2, error: 3 } as const;
const lowest: Record<LogLevel, number> = { debug: 1, info: 1, error: 3, silent: 4 };

export function createLog(level: LogLevel, clock: Clock): Log {
  return (severity, event, facts = {}) => {
    if (weights[severity] < lowest[level]) return;
    const at = new Date(clock()).toISOString();
    console.error(JSON.stringify({ at, level: severity, event, ...facts }));
  };
}
