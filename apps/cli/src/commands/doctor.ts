import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ReadChecksum } from '@turnover/core/doctor/compare';
import { examine } from '@turnover/core/doctor/examine';
import { repair } from '@turnover/core/doctor/repair';
import { openStorageCare } from '@turnover/core/storage-care';
import { DatabaseRefused } from '@turnover/db/database-refused';
import { damageWords, type Damage, type Examination } from '@turnover/domain/server/damages';
import { hashWhole } from '@turnover/processing/hash-whole';
import type { Command } from '../command.ts';
import { UsageError } from '../usage-error.ts';
import { withUnchangedHub } from '../with-hub.ts';
import { readWords } from '../words.ts';

const usage = 'doctor [--read] [--repair [--from <folder>]]';

export const doctor: Command = {
  usage,
  sentence:
    'Compares the database with the stored files, and changes nothing; with --read also the checksum of every file. --repair sets unknown files aside and takes damaged ones from a copy of the vault.',
  async run(words, { config }, output) {
    const { positionals, values } = readWords(words, usage, {
      read: { type: 'boolean', default: false },
      repair: { type: 'boolean', default: false },
      from: { type: 'string' },
    });
    if (positionals.length > 0 || (values.from !== undefined && !values.repair))
      throw new UsageError(`Usage: ${usage}`);
    const copyFolder = values.from === undefined ? undefined : requireFolder(values.from);
    await withUnchangedHub(config, async (ctx) => {
      const care = openStorageCare(config.dataFolder);
      const examination = await examine(ctx, care, {
        checksDatabase: true,
        ...(values.read && { readChecksum }),
      });
      output.print(comparedWords(examination));
      const { damages } = examination;
      for (const damage of damages) output.printError(describe(damage));
      if (damages.length === 0) return output.print('Nothing is damaged.');
      if (!values.repair) throw new DatabaseRefused(`${countOf(damages)} found. Nothing was changed.`);
      let left = 0;
      for (const damage of damages) {
        const result = await repair(ctx, care, damage, { copyFolder, readChecksum });
        if ('done' in result) output.print(`${damage.subject}: ${result.done}`);
        else {
          output.printError(`${damage.subject}: ${result.left}`);
          left += 1;
        }
      }
      if (left > 0) throw new DatabaseRefused(`${left} of ${countOf(damages)} could not be repaired.`);
    });
  },
};

const readChecksum: ReadChecksum = async ({ path, sizeBytes }, algorithm) => {
  const values = await hashWhole({ path, sizeBytes, algorithms: [algorithm] });
  return values[algorithm]!;
};

function requireFolder(folder: string): string {
  const path = resolve(folder);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  throw new UsageError(`${path} is not a folder. Name a copy of the data folder, or of its folder vault.`);
}

function describe({ kind, subject, expected, found }: Damage): string {
  const figures = [
    expected === undefined ? null : `expected ${expected}`,
    found === undefined ? null : `found ${found}`,
  ].filter((each) => each !== null);
  return [`${subject}: ${damageWords[kind]}`, ...figures].join(', ');
}

function comparedWords({ files, readFiles }: Examination): string {
  const sizes = `Compared the sizes of ${files} stored files`;
  return readFiles > 0 ? `${sizes} and the checksums of ${readFiles}.` : `${sizes}, but no checksums.`;
}

function countOf(damages: readonly Damage[]): string {
  return damages.length === 1 ? '1 problem' : `${damages.length} problems`;
}
