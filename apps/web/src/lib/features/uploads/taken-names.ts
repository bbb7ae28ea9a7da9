/** Sorts chosen files by what is at their target already: nothing, the same file, or another one with their name. */
import {
  maxPathsChecked,
  type CheckedNameView,
  type PresentFileView,
} from '@turnover/domain/workspace/checked-names';
import type { TakenChoice } from '@turnover/domain/workspace/uploads';
import { nameKey } from '@turnover/domain/names/names';
import type { ChosenFile } from './target.ts';

/** `kind`: what has the name. `present` is null for anything but a file that the person may know about. */
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

/** Asks about folders first: in a folder that does not exist, no name is taken. */
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

/** Whether the file that is there was sent from this one, judged by size and date. A file on its way is not there yet. */
export function isSame(
  { sizeBytes, modifiedAt, state }: PresentFileView,
  file: Pick<File, 'size' | 'lastModified'>,
): boolean {
  return state !== 'uploading' && sizeBytes === file.size && modifiedAt === file.lastModified;
}

export function mayBeReplaced({ present }: TakenFile): boolean {
  return present?.canReplace ?? false;
}

/** The files that are sent, each with its answer. */
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

/** The keys of the folders that exist at the target; the target itself is the empty key. */
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
