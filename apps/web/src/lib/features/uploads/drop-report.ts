/** The report after a drop: unreadable items, items left out, and warnings. */
import { litterOf } from '@turnover/domain/workspace/litter';
import { hiddenIn } from '@turnover/domain/names/hidden-characters';
import { lookAlikesAmong } from '@turnover/domain/names/look-alikes';
import type { ReadDrop, Unreadable } from './drop-reader.ts';

export type DropReport = {
  id: number;
  files: number;
  unreadable: readonly Unreadable[];
  litter: readonly string[];
  /** Empty folders, which a request does not keep. */
  foldersLeftOut: readonly string[];
  unfinished: readonly string[];
  hidden: readonly string[];
  /** Each path with the name that it looks like. */
  alike: readonly (readonly [path: string, other: string])[];
};

/** The most items of each kind that are listed; the rest is only counted. */
export const maxReported = 500;

export function reportOn(
  { files, emptyFolders, unreadable, litter }: ReadDrop,
  { isRequest, alike = [] }: { isRequest: boolean; alike?: readonly (readonly [string, string])[] },
): Omit<DropReport, 'id'> {
  const paths = files.map(({ relativePath }) => relativePath);
  // Names of plain letters never look alike.
  const among = paths.some((path) => !isPlain(path)) ? lookAlikesAmong(paths) : new Map<string, string>();
  return {
    files: files.length,
    unreadable,
    litter,
    foldersLeftOut: isRequest ? emptyFolders : [],
    unfinished: paths.filter((path) => litterOf(path)?.kind === 'unfinished'),
    hidden: paths.filter((path) => hiddenIn(path).length > 0),
    alike: [...among, ...alike.filter(([path]) => !among.has(path))],
  };
}

/** Returns true when the report must be shown. System litter alone only gets a short toast. */
export function needsALook({
  unreadable,
  foldersLeftOut,
  unfinished,
  hidden,
  alike,
}: Omit<DropReport, 'id'>): boolean {
  return [unreadable, foldersLeftOut, unfinished, hidden, alike].some(({ length }) => length > 0);
}

function isPlain(path: string): boolean {
  return /^[\x20-\x7e]*$/.test(path) && !path.includes('  ') && !path.includes('`');
}
