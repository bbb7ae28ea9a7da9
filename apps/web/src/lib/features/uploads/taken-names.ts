/**
 * Sorts chosen files by what already exists at their target: nothing, the same file, or another entry with their name.
 */
import {
  maxPathsChecked,
  type CheckedNameView,
  type PresentFileView,
} from '@turnover/domain/workspace/checked-names';
import type { TakenChoice } from '@turnover/domain/workspace/uploads';
import { nameKey } from '@turnover/domain/names/names';
import type { ChosenFile } from './target.ts';

/**
 * `kind`: the kind of entry that has the name. `present` is null unless it is a file that the person may know about.
 */
export type TakenFile = {
  chosen: ChosenFile;
  kind: 'file' | 'folder' | 'sequence';
  present: PresentFileView | null;
};
export type SortedFiles = {
  free: ChosenFile[];
  alreadyThere: ChosenFile[];
  taken: TakenFile[];
};
/** `skip`: the file is not sent. */
export type TakenAnswer = Exclude<TakenChoice, 'refuse'> | 'skip';

type Checked = Pick<CheckedNameView, 'path' | 'taken' | 'present'>;
type Check = (paths: readonly string[]) => Promise<readonly Checked[]>;

/** Sorts the files. It queries folders first, because no name is taken in a folder that does not exist. */
export async function sortByTaken(files: readonly ChosenFile[], check: Check): Promise<SortedFiles> {
  const existing = await existingFolders(files, check);
  const asked = files.filter(({ relativePath }) => existing.has(folderKey(relativePath)));
  const known = await checkAll(
    asked.map(({ relativePath }) => relativePath),
    check,
  );
  const sorted: SortedFiles = { free: [], alreadyThere: [], taken: [] };
  for (const chosen of files) {
    const found = known.get(chosen.relativePath);
    if (!found?.taken) sorted.free.push(chosen);
    else if (found.present && isSame(found.present, chosen.file)) sorted.alreadyThere.push(chosen);
    else sorted.taken.push({ chosen, kind: found.taken, present: found.present });
  }
  return sorted;
}

/**
 * Returns true when the present file was sent from this one, judged by size and date. An unfinished upload does not
 * count as present.
 */
export function isSame(
  { sizeBytes, modifiedAt, state }: PresentFileView,
  file: Pick<File, 'size' | 'lastModified'>,
): boolean {
  return state !== 'uploading' && sizeBytes === file.size && modifiedAt === file.lastModified;
}

export function mayBeReplaced({ present }: TakenFile): boolean {
  return present?.canReplace ?? false;
}

/** Returns the files to send, each with its answer. */
export function withAnswers(
  { free, taken }: SortedFiles,
  answerFor: (taken: TakenFile) => TakenAnswer,
): ChosenFile[] {
  const sent = [...free];
  for (const each of taken) {
    const answer = answerFor(each);
    if (answer !== 'skip') sent.push({ ...each.chosen, ifTaken: answer });
  }
  return sent;
}

/** Returns the keys of the folders that exist at the target; the target itself has the empty key. */
async function existingFolders(files: readonly ChosenFile[], check: Check): Promise<Set<string>> {
  const existing = new Set(['']);
  const levels: Map<string, string>[] = [];
  for (const { relativePath } of files) {
    const folders = relativePath.split('/').slice(0, -1);
    for (const [level] of folders.entries()) {
      const path = folders.slice(0, level + 1).join('/');
      (levels[level] ??= new Map()).set(nameKey(path), path);
    }
  }
  for (const level of levels) {
    const inExisting = [...level.values()].filter((path) => existing.has(folderKey(path)));
    for (const { path, taken } of (await checkAll(inExisting, check)).values()) {
      if (taken === 'folder') existing.add(nameKey(path));
    }
  }
  return existing;
}

async function checkAll(paths: readonly string[], check: Check): Promise<Map<string, Checked>> {
  const known = new Map<string, Checked>();
  for (let from = 0; from < paths.length; from += maxPathsChecked) {
    const checked = await check(paths.slice(from, from + maxPathsChecked));
    for (const each of checked) known.set(each.path, each);
  }
  return known;
}

function folderKey(path: string): string {
  return nameKey(path.slice(0, Math.max(0, path.lastIndexOf('/'))));
}
