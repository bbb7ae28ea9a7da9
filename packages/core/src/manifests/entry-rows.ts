/** Rows of checksum lists' entries with the file and the list of each, for views. */
import { sql, type SQL } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import type { ChecksumAlgorithm } from '@turnover/domain/media/checksums';
import type { EntryVerdict } from '@turnover/domain/manifests/verdicts';
import { seesOwnFilesOnly, type DeliveryRequest } from '../access.ts';
import type { PersonContext } from '../context.ts';

export type EntryRow = {
  listId: string;
  listPath: string;
  listedBy: string;
  fileId: string | null;
  filePath: string | null;
  path: string;
  line: number;
  algorithms: string;
  algorithm: ChecksumAlgorithm | null;
  value: string;
  sizeBytes: number | null;
  notes: string;
  matchNotes: string;
  computedAt: number | null;
  /** As JSON; null when the list states none. */
  creator: string | null;
  verdict: EntryVerdict;
  found: string | null;
};

/** Selected columns. They use the aliases `entry`, `list`, `read` and `file`. */
export const entryColumns = sql`entry.list_id as listId, list.path as listPath, list.delivered_by as listedBy, entry.file_id as fileId, file.path as filePath, entry.path,
  entry.line, entry.algorithms, entry.algorithm, entry.value, entry.size_bytes as sizeBytes, entry.notes,
  entry.match_notes as matchNotes, entry.verdict, entry.computed_at as computedAt, read.creator,
  (select value from asset_checksums where asset_id = file.asset_id and source = 'computed' and algorithm = entry.algorithm) as found`;

export const rankOf = (verdict: SQL) =>
  sql`case ${verdict} when 'differs' then 0 when 'missing' then 1 when 'match' then 2 when 'pending' then 3 else 4 end`;

/** Returns a function that names the list of an entry, or null when the reader may not see that list. */
export function listFor(db: Reader, person: PersonContext['person'], request: DeliveryRequest) {
  const own = seesOwnFilesOnly(db, person, request.projectId);
  return ({
    listId: id,
    listPath: path,
    listedBy,
  }: Pick<EntryRow, 'listId' | 'listPath' | 'listedBy'>): { id: string; path: string } | null =>
    own && listedBy !== person.id ? null : { id, path };
}

export function notesOf({ notes, matchNotes }: Pick<EntryRow, 'notes' | 'matchNotes'>): string[] {
  return [...new Set(`${notes} ${matchNotes}`.split(' '))].filter(Boolean);
}

export function firstOf(algorithms: string): ChecksumAlgorithm | null {
  return (algorithms.split(' ')[0] || null) as ChecksumAlgorithm | null;
}
