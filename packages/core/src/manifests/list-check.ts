/** Checks the entries of one list against the files that they match. */
import type { ChecksumAlgorithm } from '@turnover/domain/media/checksums';
import type { EntryNote } from '@turnover/domain/manifests/manifest';
import type { Matched } from '@turnover/domain/manifests/matching';
import { checkEntry, notesOfEntries } from '@turnover/domain/manifests/verdicts';
import { inTurns } from '../batches.ts';
import type { ComparedFile, EntryRow, Change } from './comparison-rows.ts';

const maxOfOneFile = 32;
const ambiguous: Matched = { fileId: null, notes: ['ambiguous'] };

/** Checks each entry and returns those whose stored verdict changes, with the number of paths that match no file. */
export async function compareList(
  entries: readonly EntryRow[],
  matched: ReadonlyMap<string, Matched>,
  files: ReadonlyMap<string, ComparedFile>,
  firstAlgorithms: Map<ChecksumAlgorithm, number>,
): Promise<{ changes: Change[]; missing: number }> {
  const changes: Change[] = [];
  const missing = new Set<string>();
  /** Entries beyond this number for one file are not compared at all. */
  const tooMany = new Set<number>();
  const ofFile = new Map<string, EntryRow[]>();
  for (const entry of entries) {
    const { fileId } = matched.get(entry.path)!;
    if (fileId === null) continue;
    const known = ofFile.get(fileId);
    if (known) known.push(entry);
    else ofFile.set(fileId, [entry]);
  }
  const repeats = new Map<string, string[]>();
  await inTurns(ofFile, ([fileId, same]) => {
    repeats.set(fileId, same.length > 1 ? notesOfEntries(same.slice(0, maxOfOneFile).map(asEntry)) : []);
    for (const { number } of same.slice(maxOfOneFile)) tooMany.add(number);
  });
  await inTurns(entries, (entry) => {
    const met = matched.get(entry.path)!;
    const { fileId, notes } = tooMany.has(entry.number) ? ambiguous : met;
    const file = fileId === null ? null : files.get(fileId)!;
    const algorithms = entry.algorithms === '' ? [] : (entry.algorithms.split(' ') as ChecksumAlgorithm[]);
    const [first] = algorithms;
    if (first) firstAlgorithms.set(first, (firstAlgorithms.get(first) ?? 0) + 1);
    const checked = checkEntry({ ...entry, algorithms }, file);
    file?.verdicts.push(checked.verdict);
    if (!file && !notes.includes('the_list_itself')) missing.add(entry.path);
    const matchNotes = [...notes, ...checked.notes, ...((fileId && repeats.get(fileId)) || [])].join(' ');
    const algorithm = checked.algorithm ?? checked.wants;
    const isKnown =
      entry.fileId === fileId &&
      entry.verdict === checked.verdict &&
      entry.algorithm === algorithm &&
      entry.matchNotes === matchNotes;
    if (!isKnown) changes.push([entry.number, fileId, checked.verdict, algorithm, matchNotes]);
  });
  return { changes, missing: missing.size };
}

function asEntry({ algorithms, notes, ...entry }: EntryRow) {
  return {
    ...entry,
    algorithms: algorithms.split(' ').filter(Boolean) as ChecksumAlgorithm[],
    notes: notes.split(' ').filter(Boolean) as EntryNote[],
  };
}
