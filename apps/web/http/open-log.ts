// The log of the web process: on standard error, and in files of the data folder. The supervisor's lines come here too, because it
// does not know the data folder.
import type { Config } from '@turnover/config/config';
import type { Log } from '@turnover/core/context';
import { createLog, logCrash, logFormat } from '@turnover/core/log';
import { openLogFiles } from '@turnover/core/log-files';
import { hideSecrets } from '@turnover/core/hide-secrets';
import { logLevels } from '@turnover/domain/server/log-words';

export function openLog({ dataFolder, log: level, logFormat: wanted }: Config): Log {
  const files = openLogFiles('web', Date.now);
  files.begin(dataFolder);
  process.on('exit', files.end);
  const format = logFormat(wanted, process.stderr.isTTY);
  const log = createLog({ level, format, keep: files.write }, Date.now);
  logCrash(log);
  return log;
}

/** Keeps what the supervisor says. It has already printed it. */
export function keepSupervisorLines({ dataFolder }: Config): void {
  const files = openLogFiles('supervisor', Date.now);
  files.begin(dataFolder);
  process.on('exit', files.end);
  process.on('message', (message) => {
    const { said } = Object(message) as { said?: unknown };
    const { at, level, words } = Object(said) as Record<string, unknown>;
    if (typeof at !== 'number' || typeof words !== 'string') return;
    const known = logLevels.find((each) => each === level) ?? 'info';
    const entry = { at: new Date(at).toISOString(), level: known, event: 'supervisor.said', words };
    files.write(hideSecrets(JSON.stringify(entry)));
  });
}
