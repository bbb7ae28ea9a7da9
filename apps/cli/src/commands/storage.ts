import { freeAssets } from '@turnover/core/assets/freeing';
import { audited } from '@turnover/core/audit/record';
import type { Command } from '../command.ts';
import { UsageError } from '../usage-error.ts';
import { requireDatabase, withHub } from '../with-hub.ts';
import { readWords } from '../words.ts';

const usage = 'storage free [--confirm]';

export const freeStorage: Command = {
  usage,
  sentence:
    'Frees the bytes of files that nothing points to, as the worker does; with --confirm also when they are so many that it stopped.',
  async run(words, { config }, output) {
    const { positionals, values } = readWords(words, usage, { confirm: { type: 'boolean', default: false } });
    if (positionals.length > 0) throw new UsageError(`Usage: ${usage}`);
    requireDatabase(config.dataFolder);
    await withHub(config, async (ctx) => {
      const { quarantined, freed, held } = await freeAssets(
        audited(ctx, () => ({ action: 'commands.freeStorage', actor: null, details: { ...values } })),
        { confirmed: values.confirm },
      );
      output.print(`${quarantined} set aside for seven days, ${freed} deleted.`);
      if (held > 0) output.printError(heldWords(held));
    });
  },
};

function heldWords(files: number): string {
  return [
    `${files} files are held: nothing points to them, but they are unusually many.`,
    'If people deleted so much, say: npm run turnover -- storage free --confirm',
    'If not, something is wrong: make a backup and look before you do.',
  ].join('\n');
}
