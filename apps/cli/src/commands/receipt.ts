import { webcrypto } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { HubError } from '@turnover/domain/errors';
import { checksumDigits, type ChecksumAlgorithm } from '@turnover/domain/media/checksums';
import { checkReceipt, type ReceiptFile } from '@turnover/domain/requests/receipt-seal';
import type { Command, Output } from '../command.ts';
import { UsageError } from '../usage-error.ts';
import { readWords } from '../words.ts';

const usage = 'receipt verify <receipt.json> [<folder>] [--key <fingerprint>]';

/** Verifies a receipt. Needs no hub and no network. */
export const verifyReceipt: Command = {
  usage,
  sentence:
    'Checks the seal of a receipt and, with a folder, that every file in it has the bytes that were received.',
  async run(words, _settings, output) {
    const { positionals, values } = readWords(words, usage, { key: { type: 'string' } });
    const [file, folder, ...more] = positionals;
    if (file === undefined || more.length > 0) throw new UsageError(`Usage: ${usage}`);
    const checked = await checkReceipt(readText(file), webcrypto.subtle);
    if (checked.is === 'no_receipt') throw refusal(`${file} is not a receipt of Turnover.`);
    const { seal, receipt } = checked;
    if (checked.isRewritten) output.print('Another program wrote the file anew; only its content counts.');
    if (!checked.contentHolds) throw refusal('The content was changed after the receipt was sealed.');
    output.print(`The content has not changed since it was sealed. SHA-256 ${seal.sha256}`);
    if (!checked.signatureHolds) throw refusal('The signature does not belong to this content and key.');
    output.print(`The signature holds. Key ${seal.fingerprint}`);
    requireKey(seal.fingerprint, values.key, output);
    if (folder !== undefined) await checkFiles(receipt.files, folder, output);
  },
};

function requireKey(fingerprint: string, wanted: string | undefined, output: Output): void {
  if (wanted === undefined) {
    output.print('Compare this key with the one that the hub shows, or name it with --key.');
  } else if (wanted.toLowerCase() !== fingerprint) {
    throw refusal(`It was sealed with another key than ${wanted}.`);
  }
}

async function checkFiles(files: readonly ReceiptFile[], folder: string, output: Output): Promise<void> {
  let wrong = 0;
  for (const file of files) {
    const problem = await problemOf(file, folder);
    if (problem === null) continue;
    wrong += 1;
    output.printError(`${JSON.stringify(file.path)}: ${problem}`);
  }
  if (wrong > 0) throw refusal(`${wrong} of ${files.length} files are not as they were received.`);
  output.print(`All ${files.length} files have the bytes that were received.`);
}

/** What is wrong with the file, as text; null when it has the size and every checksum of the receipt. */
async function problemOf({ path, sizeBytes, hashes }: ReceiptFile, folder: string): Promise<string | null> {
  if (path.startsWith('/') || path.split('/').includes('..')) return 'its path leads out of the folder';
  const known = hashes.filter(({ algorithm }) => Object.hasOwn(checksumDigits, algorithm));
  if (known.length === 0) return 'the receipt has no checksum of it that this program knows';
  try {
    const found = statSync(join(folder, path)).size;
    if (found !== sizeBytes) return `it has ${found} bytes instead of ${sizeBytes}`;
    const algorithms = known.map(({ algorithm }) => algorithm as ChecksumAlgorithm);
    // Imported here, because otherwise every command would wait for the hash libraries.
    const { hashWhole } = await import('@turnover/processing/hash-whole');
    const values = await hashWhole({ path: join(folder, path), sizeBytes, algorithms });
    const other = known.find(({ algorithm, value }) => values[algorithm as ChecksumAlgorithm] !== value);
    return other ? `it has another ${other.algorithm}` : null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'it is missing' : `it cannot be read (${code ?? 'unknown'})`;
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw refusal(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

function refusal(text: string): HubError {
  return new HubError('checksum_mismatch', text);
}
