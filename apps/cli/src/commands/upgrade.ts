import { DatabaseRefused } from '@turnover/db/database-refused';
import { previewUpdate, type UpdatePreview } from '@turnover/db/preview-update';
import type { Command } from '../command.ts';
import { UsageError } from '../usage-error.ts';
import { requireDatabase } from '../with-hub.ts';
import { readWords } from '../words.ts';

const usage = 'upgrade --check';

export const checkUpgrade: Command = {
  usage,
  sentence: 'Says what the start of these sources would change in the database, and changes nothing.',
  run(words, { config }, output) {
    const { positionals, values } = readWords(words, usage, { check: { type: 'boolean', default: false } });
    if (positionals.length > 0) throw new UsageError(`Usage: ${usage}`);
    if (!values.check) throw new UsageError(`The hub updates its database when it starts.\nUsage: ${usage}`);
    requireDatabase(config.dataFolder);
    const preview = previewUpdate(config.dataFolder);
    output.print(wordsOf(preview).join('\n'));
    if (preview.neededBytes > preview.freeBytes) {
      throw new DatabaseRefused(
        'There is too little space for the update. Free some first; until then, the hub would not start.',
      );
    }
  },
};

function wordsOf({ latest, pending, neededBytes, freeBytes, isRunning }: UpdatePreview): string[] {
  const now = `The database has the migration ${latest}, and Turnover ${isRunning ? 'runs' : 'does not run'} on it.`;
  if (pending.length === 0) return [now, 'It is up to date: these sources would change nothing.'];
  return [
    now,
    'These migrations would run:',
    ...pending.map((name) => `  ${name}`),
    `A copy of the database is made before. Both need about ${mebibytes(neededBytes)} MiB; ${mebibytes(freeBytes)} MiB are free.`,
    ...(isRunning ? ['Stop the hub before you start these sources.'] : []),
  ];
}

function mebibytes(bytes: number): number {
  return Math.ceil(bytes / 1024 ** 2);
}
