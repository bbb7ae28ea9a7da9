/** Checks the entries of one list against their files. */
import type { ChecksumAlgorithm } from '@turnover/domain/media/checksums';
import { isReference, type Meaning } from '@turnover/domain/manifests/history';
import type { Matched } from '@turnover/domain/manifests/matching';
import {
  checkEntry,
  notesOfEntries,
  type Checked,
  type CheckedFile,
  type EntryVerdict,
} from '@turnover/domain/manifests/verdicts';
import { inTurns } from '../batches.ts';
import { asEntry, type Change, type ComparedFile, type EntryRow } from './comparison-rows.ts';

const maxOfOneFile = 32;
const ambiguous: Matched = { fileId: null, notes: ['ambiguous'] };

/** The interpretation of an entry, where it differs from the stated text. */
export type Meant = Meaning & {
  notes: readonly string[];
  /** Whether the path was found in another way than by the list's text. It is then stored with the entry. */
  isFound: boolean;
};

/** An entry of a chain file, with its verdict. */
export type CheckedLink = {
  path: string;
  stated: string | null;
  fileId: string | null;
  verdict: EntryVerdict;
};

type Compared = {
  entries: readonly EntryRow[];
  /** One for each entry, in the same order. */
  meanings: readonly Meant[];
  matched: ReadonlyMap<string, Matched>;
  files: ReadonlyMap<string, ComparedFile>;
  firstAlgorithms: Map<ChecksumAlgorithm, number>;
  onChecked?: (link: CheckedLink) => void;
};

/** Checks all entries. Returns those whose stored verdict changes, and the number of paths that match no file. */
export async function compareList(compared: Compared): Promise<{ changes: Change[]; missing: number }> {
  const { entries, meanings, matched, files, firstAlgorithms, onChecked } = compared;
  const changes: Change[] = [];
  const missing = new Set<string>();
  const { tooMany, repeats } = await repeatsOf(compared);
  await inTurns(entries.entries(), ([at, row]) => {
    const meant = meanings[at]!;
    const met = matched.get(meant.path)!;
    const { fileId, notes } = tooMany.has(row.number) ? ambiguous : met;
    const file = fileId === null ? null : files.get(fileId)!;
    const entry = asEntry(row);
    const checked = checkMeant(entry, meant, file);
    const [first] = entry.algorithms;
    if (first && isDeciding(entry, meant)) firstAlgorithms.set(first, (firstAlgorithms.get(first) ?? 0) + 1);
    if (checked.verdict !== 'superseded') {
      file?.verdicts.push(checked.verdict);
      if (!file && !notes.includes('the_list_itself')) missing.add(meant.path);
    }
    const isOlder = checked.verdict === 'differs' && file?.isOlder === true;
    const matchNotes = [
      ...notes,
      ...meant.notes,
      ...checked.notes,
      ...(meant.isChanged ? ['changed_in_history'] : []),
      ...(isOlder ? ['older_generation'] : []),
      ...((fileId && repeats.get(fileId)) || []),
    ].join(' ');
    const algorithm = checked.algorithm ?? checked.wants;
    const path = meant.isFound ? meant.path : null;
    const isKnown =
      row.fileId === fileId &&
      row.verdict === checked.verdict &&
      row.algorithm === algorithm &&
      row.matchNotes === matchNotes &&
      (path === null || row.path === path);
    if (!isKnown) changes.push([row.number, fileId, checked.verdict, algorithm, matchNotes, path]);
    onChecked?.({ path: row.path, stated: row.stated, fileId, verdict: checked.verdict });
  });
  return { changes, missing: missing.size };
}

type Entry = ReturnType<typeof asEntry>;

function isDeciding(entry: Entry, { isSuperseded }: Meaning): boolean {
  return !isSuperseded && isReference(entry);
}

function checkMeant(entry: Entry, meant: Meant, file: (CheckedFile & { isOlder: boolean }) | null): Checked {
  const undecided = (verdict: EntryVerdict): Checked => ({
    verdict,
    algorithm: null,
    wants: null,
    notes: [],
  });
  if (meant.isSuperseded) {
    if (file && isReference(entry) && checkEntry(entry, file).verdict === 'match') file.isOlder = true;
    return undecided('superseded');
  }
  if (file && entry.notes.includes('failed_at_source')) return undecided('uncheckable');
  return checkEntry(entry, file);
}

/** Notes for files with several entries. `tooMany`: the entries of files with so many that they are not compared. */
async function repeatsOf({ entries, meanings, matched }: Compared) {
  const tooMany = new Set<number>();
  const ofFile = new Map<string, EntryRow[]>();
  await inTurns(entries.entries(), ([at, row]) => {
    const { fileId } = matched.get(meanings[at]!.path)!;
    if (fileId === null || !isDeciding(asEntry(row), meanings[at]!)) return;
    const known = ofFile.get(fileId);
    if (known) known.push(row);
    else ofFile.set(fileId, [row]);
  });
  const repeats = new Map<string, string[]>();
  await inTurns(ofFile, ([fileId, same]) => {
    repeats.set(fileId, same.length > 1 ? notesOfEntries(same.slice(0, maxOfOneFile).map(asEntry)) : []);
    for (const { number } of same.slice(maxOfOneFile)) tooMany.add(number);
  });
  return { tooMany, repeats };
}
