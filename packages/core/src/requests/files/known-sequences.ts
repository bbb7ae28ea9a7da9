/**
 * Caches which names of a request are image sequences, and their totals. Computing this reads every file, so it is kept until
 * the request changes.
 */
import { sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import type { SequenceRowView } from '@turnover/domain/requests/contents';
import type { Context } from '../../context.ts';
import { revisionOf } from '../revision.ts';
import { ofSequences, type RoundScope } from './round-scope.ts';
import { candidateKeys, isCounted } from './sequence-keys.ts';

/** `id` and `place` are those of the first file. They sort the sequence among the files. */
type SequenceTotals = Pick<SequenceRowView, 'files' | 'sizeBytes' | 'addedAt'> & {
  key: string;
  id: string;
  place: string;
};

export type KnownSequences = {
  /** Keyed by sequence key. */
  totals: ReadonlyMap<string, SequenceTotals>;
  /** The number of files that are in no sequence. */
  looseFiles: number;
  /** Cached rows of sequences. Code that shows a sequence adds its row. */
  shown: Map<string, Pick<SequenceRowView, 'folder' | 'name' | 'firstFileId' | 'frames'>>;
};

type Known = KnownSequences & { stamp: string; at: number };

/** For each open database, the sequences of recently listed scopes; the most recently used scope is last. */
const known = new WeakMap<Context['db']['$client'], Map<string, Known>>();
const maxLists = 20;
/** The most sequences in the cache, over all scopes; the latest scope is always kept. A sequence takes about half a kilobyte. */
const maxSequences = 50_000;
/** Well below the hour after which signals are deleted: then the id of the last event, and so a stamp, could repeat. */
const keptMs = 10 * 60_000;

export function knownSequences(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  scope: RoundScope,
): KnownSequences {
  const lists = known.get(db.$client) ?? new Map<string, Known>();
  known.set(db.$client, lists);
  const list = [scope.request.id, scope.round, scope.ownerId].join(' ');
  // Reads the stamp before the files: after a change in between, the cached data is only newer than its stamp.
  const stamp = stampOf(db, scope);
  const found = lists.get(list);
  lists.delete(list);
  const isValid = found?.stamp === stamp && Math.abs(clock() - found.at) < keptMs;
  const kept = isValid ? found : { stamp, at: clock(), ...read(db, scope) };
  lists.set(list, kept);
  forgetOldest(lists);
  return kept;
}

function forgetOldest(lists: Map<string, Known>): void {
  let sequences = 0;
  for (const [index, [list, { totals }]] of [...lists].reverse().entries()) {
    sequences += totals.size;
    if (index >= maxLists || (index > 0 && sequences > maxSequences)) lists.delete(list);
  }
}

/** Includes the counters, because a removal in batches changes them with each batch but writes its event only at the end. */
function stampOf(db: Reader, { request: { id, fileCount, totalBytes } }: RoundScope): string {
  return [revisionOf(db, id), fileCount, totalBytes].join(' ');
}

function read(db: Reader, { visible }: RoundScope): KnownSequences {
  const keys = candidateKeys(db, visible).filter((key) => isCounted(db, visible, key));
  const rows =
    keys.length === 0
      ? []
      : db.all<SequenceTotals>(sql`
    select file.sequence_key as key, min(file.id) as id, min(file.path_key) as place, count(*) as files,
      sum(asset.size_bytes) as sizeBytes, max(file.added_at) as addedAt
    from delivered_files as file join assets as asset on asset.id = file.asset_id
    where ${visible} and ${ofSequences(keys)} group by file.sequence_key`);
  const { files } = db.get<{ files: number }>(
    sql`select count(*) as files from delivered_files as file where ${visible}`,
  );
  const frames = rows.reduce((sum, row) => sum + row.files, 0);
  return { totals: new Map(rows.map((row) => [row.key, row])), looseFiles: files - frames, shown: new Map() };
}
