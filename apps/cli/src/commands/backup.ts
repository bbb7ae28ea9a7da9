import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { backupsFolder } from '@turnover/db/data-folder';
import { DatabaseRefused } from '@turnover/db/database-refused';
import type { Command } from '../command.ts';
import { UsageError } from '../usage-error.ts';
import { requireDatabase } from '../with-hub.ts';
import { readWords } from '../words.ts';

const usage = 'backup [--to <file>]';
const copier = fileURLToPath(new URL('../backup-process.ts', import.meta.url));

export const backup: Command = {
  usage,
  sentence:
    'Copies the database while the hub runs, checks the copy, lists the files of the vault beside it, and prints where it is.',
  async run(words, { config }, output) {
    const { positionals, values } = readWords(words, usage, { to: { type: 'string' } });
    if (positionals.length > 0) throw new UsageError(`Usage: ${usage}`);
    const database = requireDatabase(config.dataFolder);
    const target = resolve(values.to ?? defaultTarget(config.dataFolder));
    const child = spawn(process.execPath, [copier, database, target], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const [complaint, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    if (code !== 0) throw new DatabaseRefused(`No backup was made. ${complaint.trim()}`);
    output.print(target);
  },
};

function defaultTarget(dataFolder: string): string {
  const time = new Date().toISOString().replaceAll(':', '-');
  return join(backupsFolder(dataFolder), `${time}.db`);
}
