// The log of the process: one line of JSON per event on standard error.
import type { Config } from '@turnover/config/config';
import type { Log } from '@turnover/core/context';

const weights = { info: 1, warn: 2, error: 3 } as const;
const lowest: Record<Config['log'], number> = { debug: 1, info: 1, error: 3, silent: 4 };

export function createLog(level: Config['log'], clock: () => number): Log {
  return (severity, event, facts = {}) => {
    if (weights[severity] < lowest[level]) return;
    const at = new Date(clock()).toISOString();
    console.error(JSON.stringify({ at, level: severity, event, ...facts }));
  };
}
