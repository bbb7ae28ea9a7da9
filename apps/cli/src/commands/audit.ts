import { createReadStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import {
  allEntries,
  storedSeals,
  verifyAuditLog,
  type AuditProblem,
  type StoredEntry,
} from '@turnover/core/audit/verify';
import { openDatabase } from '@turnover/db/open';
import { HubError } from '@turnover/domain/errors';
import { auditSealView, type AuditSeal } from '@turnover/domain/server/audit';
import type { Command, Output } from '../command.ts';
import { UsageError } from '../usage-error.ts';
import { requireDatabase } from '../with-hub.ts';
import { readWords } from '../words.ts';

const usage = 'audit verify [<log.jsonl>] [--seal <seal.json>]';

/** Verifies the log of the data folder, or an exported one. Needs no running hub, and changes nothing. */
export const verifyAudit: Command = {
  usage,
  sentence:
    'Checks that nobody changed the audit log, and names the first broken entry. A seal that you kept also shows entries missing at the end.',
  async run(words, { config }, output) {
    const { positionals, values } = readWords(words, usage, { seal: { type: 'string', multiple: true } });
    const [file, ...more] = positionals;
    if (more.length > 0) throw new UsageError(`Usage: ${usage}`);
    const kept = (values.seal ?? []).map(readSeal);
    if (file !== undefined) return report(output, linesOf(file), kept);
    const db = openDatabase(requireDatabase(config.dataFolder));
    try {
      requireLog(db.$client.prepare("select 1 from sqlite_schema where name = 'audit_entries'").get());
      await report(output, allEntries(db), [...storedSeals(db), ...kept]);
    } finally {
      db.$client.close();
    }
  },
};

function requireLog(table: unknown): void {
  if (table !== undefined) return;
  throw new HubError('not_found', 'This database is older than the audit log. Start Turnover once.');
}

async function report(
  output: Output,
  entries: Iterable<StoredEntry> | AsyncIterable<StoredEntry>,
  seals: readonly AuditSeal[],
): Promise<void> {
  const { entries: number, sealed, broken } = await verifyAuditLog(entries, seals);
  if (broken) throw new HubError('checksum_mismatch', wordsOf(broken));
  output.print(`${number} entries, and each holds.`);
  const keys = new Set(seals.map(({ fingerprint }) => fingerprint));
  if (sealed > 0) output.print(`Sealed up to entry ${sealed}. Key ${[...keys].join(', ')}`);
  if (sealed < number) {
    output.print(
      `Nobody could tell if entries after ${sealed} were cut off. Keep the next seal outside the hub.`,
    );
  }
}

function wordsOf({ problem, seq }: AuditProblem): string {
  switch (problem) {
    case 'missing':
      return `Entry ${seq} is missing. The entries before it hold.`;
    case 'changed':
      return `Entry ${seq} was changed, or something else was put in its place. The entries before it hold.`;
    case 'cut':
      return `The log ends before entry ${seq}, but a seal covers it: the end was cut off.`;
    case 'not_sealed':
      return `Entry ${seq} is not the one that was sealed. The log was written anew.`;
    case 'forged':
      return `The seal of entry ${seq} is not signed by the key that it names.`;
  }
}

function readSeal(file: string): AuditSeal {
  const { data } = auditSealView.safeParse(jsonOf(readText(file)));
  if (data) return data;
  throw new HubError('invalid_input', `${file} is not a seal of an audit log.`);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new HubError('not_found', `${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/** The entries of an export as JSON lines. Reads them one at a time, because there may be millions. */
async function* linesOf(file: string): AsyncGenerator<StoredEntry, void, void> {
  const input = createReadStream(file, 'utf8');
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      const entry = jsonOf(line);
      if (typeof entry !== 'object' || entry === null) {
        throw new HubError('invalid_input', `${file} is not an audit log in JSON lines.`);
      }
      yield entry as StoredEntry;
    }
  } catch (error) {
    if (error instanceof HubError) throw error;
    throw new HubError('not_found', `${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
