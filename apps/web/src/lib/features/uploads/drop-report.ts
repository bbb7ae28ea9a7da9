/** The report after a drop: what could not be read, what was left out, and warnings. */
import { litterOf } from '@turnover/domain/workspace/litter';
import { hiddenIn } from '@turnover/domain/names/hidden-characters';
import { lookAlikesAmong } from '@turnover/domain/names/look-alikes';
import type { ReadDrop, Unreadable } from './drop-reader.ts';

export type DropReport = {
  id: number;
  files: number;
  unreadable: readonly Unreadable[];
  litter: readonly string[];
  /** Empty folders that a request does not keep. */
  foldersLeftOut: readonly string[];
  unfinished: readonly string[];
  hidden: readonly string[];
  /** With what each looks like. */
  alike: readonly (readonly [path: string, other: string])[];
};

/** Of so many each kind is listed; more is a number. */
export const maxReported = 500;

export function reportOn(
  { files, emptyFolders, unreadable, litter }: ReadDrop,
  { isRequest, alike = [] }: { isRequest: boolean; alike?: readonly (readonly [string, string])[] },
): Omit<DropReport, 'id'> {
  const paths = files.map(({ relativePath }) => relativePath);
  // Of plain letters alone nothing looks like anything else.
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

/** Whether something has to be looked at; what systems left behind is not worth more than a word in passing. */
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
