import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from '../command.ts';
import { writeSbom } from '../sbom/cyclonedx.ts';
import { readLicences } from '../sbom/licences.ts';
import { readLockFile } from '../sbom/lock-file.ts';
import { UsageError } from '../usage-error.ts';
import { readWords } from '../words.ts';

const usage = 'sbom';
const sources = join(import.meta.dirname, '../../../..');

export const printSbom: Command = {
  usage,
  sentence:
    'Prints the list of all packages in these sources (CycloneDX). Call npm with --silent to keep it alone.',
  run(words, _settings, output) {
    const { positionals } = readWords(words, usage, {});
    if (positionals.length > 0) throw new UsageError(`Usage: ${usage}`);
    output.print(sbomOf(sources).trimEnd());
  },
};

export function sbomOf(folder: string): string {
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const { version } = JSON.parse(read('package.json')) as { version: string };
  return writeSbom(readLockFile(read('pnpm-lock.yaml')), readLicences(folder), version);
}
