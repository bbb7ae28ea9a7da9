/** The conditions of a search for delivered files, on the columns of `delivered_files`. */
import { sql, type SQL } from 'drizzle-orm';
import { lookAlikeKey } from '@turnover/domain/names/look-alikes';
import { nameKey } from '@turnover/domain/names/names';
import { frameSearches } from '@turnover/domain/sequences/frame-search';

/** Searches paths without regard to case and look-alike characters. A file matches when either condition holds. */
export function pathsContaining(search: string): { ofPath: SQL; ofLook: SQL } {
  const look = lookAlikeKey(search);
  const key = nameKey(search);
  // A search text of invisible characters only is used as it is.
  const alike = look === '' || look === key ? sql`` : sql` or instr(path_key, ${look}) > 0`;
  return {
    ofPath: sql`(instr(path_key, ${key}) > 0${alike}${ofSequence(search)})`,
    ofLook: look === '' ? sql`0` : sql`instr(look_key, ${look}) > 0`,
  };
}

/** Matches the frames of a sequence name such as `a/shot.####.exr`: rule problems use it, but no path contains it. */
function ofSequence(search: string): SQL {
  const [sequence] = frameSearches(search);
  if (!sequence || sequence.frames !== null) return sql``;
  const [before = '', after = ''] = sequence.part.split('#');
  return sql` or (instr(path_key, ${before}) > 0 and instr(substr(path_key, instr(path_key, ${before}) + ${before.length}), ${after}) > 0)`;
}
