import { basename, join, resolve } from 'node:path';
import { BackupNotMade, copyDatabase } from '@turnover/core/backups/copy';
import { backupsFolder } from '@turnover/db/data-folder';
import { DatabaseRefused } from '@turnover/db/database-refused';
import type { Command } from '../command.ts';
import { recordCommand } from '../record-command.ts';
import { UsageError } from '../usage-error.ts';
import { requireDatabase } from '../with-hub.ts';
import { readWords } from '../words.ts';

const usage = 'backup [--to <file>]';

export const backup: Command = {
  usage,
  sentence:
    'Copies the database while the hub runs, checks the copy, lists the files of the vault beside it, and prints where it is.',
  async run(words, { config }, output) {
    const { positionals, values } = readWords(words, usage, { to: { type: 'string' } });
    if (positionals.length > 0) throw new UsageError(`Usage: ${usage}`);
    const database = requireDatabase(config.dataFolder);
    const target = resolve(values.to ?? defaultTarget(config.dataFolder));
    try {
      await copyDatabase(database, target);
    } catch (error) {
      if (error instanceof BackupNotMade) throw new DatabaseRefused(`No backup was made. ${error.message}`);
      throw error;
    }
    await recordCommand(config, { action: 'commands.backup', details: { backup: basename(target) } }, output);
    output.print(target);
  },
};

function defaultTarget(dataFolder: string): string {
  const time = new Date().toISOString().replaceAll(':', '-');
  return join(backupsFolder(dataFolder), `${time}.db`);
}
