/** Decides which file names of a request form image sequences. */
import { sql, type SQL } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { lastSegment } from '@turnover/domain/names/names';
import { enoughNames, isSequence } from '@turnover/domain/sequences/frame-evidence';
import { parseFrameName } from '@turnover/domain/sequences/frame-names';

/** The keys of names that may be sequences. `visible` is a condition on `delivered_files` named `file`. */
export function candidateKeys(db: Reader, visible: SQL): string[] {
  return db
    .all<{ key: string }>(
      sql`
    select file.sequence_key as key from delivered_files as file
    where ${visible} and file.sequence_key is not null group by file.sequence_key having count(*) > 1`,
    )
    .map(({ key }) => key);
}

/**
 * Whether the names with this key are a sequence. More names never change a yes to a no, so the first ones are usually
 * enough.
 */
export function isCounted(db: Reader, visible: SQL, key: string): boolean {
  const read = (limit: number) =>
    db
      .all<{ path: string }>(
        sql`select file.path from delivered_files as file where ${visible} and file.sequence_key = ${key}
        order by file.frame limit ${limit}`,
      )
      .flatMap(({ path }) => parseFrameName(lastSegment(path)) ?? []);
  const first = read(enoughNames);
  return isSequence(first) || (first.length === enoughNames && isSequence(read(-1)));
}
