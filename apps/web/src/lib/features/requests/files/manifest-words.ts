/** Texts about checksum lists: verdicts, kinds of lists, and notes. */
import type {
  EntryNote,
  ListNote,
  ManifestDialect,
  UnsupportedList,
} from '@turnover/domain/manifests/manifest';
import type { MatchNote, MissNote } from '@turnover/domain/manifests/matching';
import type { ManifestCounts } from '@turnover/domain/manifests/summary';
import type { FileVerdict, VerdictNote } from '@turnover/domain/manifests/verdicts';
import type { ManifestCreator } from '@turnover/domain/manifests/creator';
import type { FolderVerdict, ListHistory } from '@turnover/domain/manifests/list-history';
import type { ManifestEntryView, ManifestListView } from '@turnover/domain/manifests/views';
import * as m from '@turnover/messages/messages';
import { formatBytes, formatDue } from '#lib/format.ts';
import type { Tone } from '#lib/ui/text/icon.ts';
import { now } from '#lib/ui/text/now.svelte.ts';

export const verdictWords: Record<ManifestEntryView['verdict'] | FileVerdict, () => string> = {
  match: m.manifest_verdict_match,
  differs: m.manifest_verdict_differs,
  missing: m.manifest_verdict_missing,
  extra: m.manifest_verdict_extra,
  pending: m.manifest_verdict_pending,
  uncheckable: m.manifest_verdict_uncheckable,
  superseded: m.manifest_verdict_superseded,
  ignored: m.manifest_verdict_ignored,
};

/** Verdicts in the order of display: worst first. */
export const countWords: {
  verdict: keyof ManifestCounts;
  tone: Tone;
  words: (input: { count: number }) => string;
}[] = [
  { verdict: 'differs', tone: 'bad', words: m.manifests_differs },
  { verdict: 'missing', tone: 'bad', words: m.manifests_missing },
  { verdict: 'extra', tone: 'warn', words: m.manifests_extra },
  { verdict: 'pending', tone: 'flat', words: m.manifests_pending },
  { verdict: 'uncheckable', tone: 'flat', words: m.manifests_uncheckable },
  { verdict: 'match', tone: 'ok', words: m.manifests_match },
];

/** Returns `3 match, 1 differs`, or that all match. */
export function describeCounts(counts: Partial<ManifestCounts>): string {
  const shown = countWords.filter(({ verdict }) => (counts[verdict] ?? 0) > 0);
  const [only] = shown;
  if (shown.length === 1 && only!.verdict === 'match')
    return m.history_manifest_all({ count: counts.match! });
  return shown.map(({ verdict, words }) => words({ count: counts[verdict]! })).join(', ');
}

/** Returns a word or two: the worst problem, or else that some are pending, or else that all match. */
export function describeBriefly(counts: ManifestCounts): string {
  const { differs, missing, extra } = counts;
  const wrong = { differs, missing, extra };
  return describeCounts(differs + missing + extra > 0 ? wrong : counts);
}

const dialects: Record<ManifestDialect, () => string> = {
  lines: m.manifest_dialect_lines,
  tagged: m.manifest_dialect_tagged,
  openssl: m.manifest_dialect_openssl,
  sfv: m.manifest_dialect_sfv,
  c4: m.manifest_dialect_c4,
  hash_only: m.manifest_dialect_hash_only,
  hashdeep: m.manifest_dialect_hashdeep,
  bagit: m.manifest_dialect_bagit,
  certutil: m.manifest_dialect_certutil,
  powershell: m.manifest_dialect_powershell,
  mhl: m.manifest_dialect_mhl,
  asc_mhl: m.manifest_dialect_asc_mhl,
  imf_pkl: m.manifest_dialect_imf_pkl,
};
const unsupported: Record<UnsupportedList, () => string> = {
  cksum: m.manifest_unsupported_cksum,
  mtree: m.manifest_unsupported_mtree,
  magnet: m.manifest_unsupported_magnet,
  doctype: m.manifest_unsupported_doctype,
  other_algorithm: m.manifest_unsupported_other_algorithm,
  too_many_entries: m.manifest_unsupported_too_many_entries,
};
const kindOfList = (what: string | null) => dialects[what as ManifestDialect]?.() ?? what ?? '';
export const unsupportedKind = (what: string | null) =>
  unsupported[what as UnsupportedList]?.() ?? what ?? '';

type Note = EntryNote | MatchNote | MissNote | VerdictNote | Exclude<ListNote, 'lines_not_read'>;
const notes: Record<Note, () => string> = {
  absolute_path: m.manifest_note_absolute_path,
  backslashes: m.manifest_note_backslashes,
  parent_path: m.manifest_note_parent_path,
  no_name: m.manifest_note_no_name,
  path_cut: m.manifest_note_path_cut,
  unlabelled: m.manifest_note_unlabelled,
  other_algorithm: m.manifest_note_other_algorithm,
  no_value: m.manifest_note_no_value,
  failed_at_source: m.manifest_note_failed_at_source,
  from_top: m.manifest_note_from_top,
  by_end: m.manifest_note_by_end,
  by_name: m.manifest_note_by_name,
  other_letters: m.manifest_note_other_letters,
  look_alike: m.manifest_note_look_alike,
  side_file: m.manifest_note_side_file,
  ambiguous: m.manifest_note_ambiguous,
  the_list_itself: m.manifest_note_the_list_itself,
  reversed_bytes: m.manifest_note_reversed_bytes,
  other_size: m.manifest_note_other_size,
  contradictory: m.manifest_note_contradictory,
  repeated: m.manifest_note_repeated,
  changed_in_history: m.manifest_note_changed_in_history,
  older_generation: m.manifest_note_older_generation,
  not_mapped: m.manifest_note_not_mapped,
  utf16: m.manifest_note_utf16,
  utf32: m.manifest_note_utf32,
  windows1252: m.manifest_note_windows1252,
  cut_short: m.manifest_note_cut_short,
  signed: m.manifest_note_signed,
  directories: m.manifest_note_directories,
};

/** Returns the texts of the notes that have one. The number of unread lines has a text of its own. */
export function describeNotes(codes: readonly string[]): string[] {
  return codes.flatMap((code) => notes[code as Note]?.() ?? []);
}

/** Describes the program, its machine, the people and the time, as the list states them. */
export function describeCreator({ tool, host, people, at, location, comment }: ManifestCreator): string {
  const where = host === null ? null : m.manifest_on_host({ host });
  const program = [tool, where].filter((each) => each !== null).join(' ');
  const when = at === null ? null : formatDue(at, now());
  return [program, people.join(', '), when, location, comment].filter(Boolean).join(' · ');
}

type FolderFault = FolderVerdict['faults'][number]['fault'];

const faultWords: Record<
  ListHistory['faults'][number]['fault'],
  (input: { number: string; list: string }) => string
> = {
  differs: m.manifest_chain_differs,
  missing: m.manifest_chain_missing,
  unlisted: m.manifest_chain_unlisted,
  gap: m.manifest_chain_gap,
  repeated: m.manifest_chain_repeated,
};

const folderWords: Record<FolderFault, (input: { folder: string }) => string> = {
  content: m.manifest_folder_content,
  names: m.manifest_folder_names,
};

const folderName = (path: string) => path.replace(/\/$/, '') || m.manifests_chain_top();

export type BrokenHistory = { of: 'chain' | 'folders'; title: string; faults: string[] };

/** Returns what is wrong with the histories: each broken chain, and the folders that differ. */
export function brokenHistories(lists: ManifestListView): BrokenHistory[] {
  return lists.flatMap(({ history }): BrokenHistory[] => {
    if (!history) return [];
    const folder = folderName(history.folder);
    const { folders } = history;
    const found: BrokenHistory[] = [];
    if (history.chain === 'broken' && history.generation === null) {
      found.push({
        of: 'chain',
        title: m.manifests_chain_broken({ folder }),
        faults: describeFaults(history),
      });
    }
    if (folders.state === 'differs') {
      const faults = describeFolderFaults(folders, history.folder);
      found.push({ of: 'folders', title: m.manifests_folders_differ({ folder }), faults });
    }
    return found;
  });
}

function describeFolderFaults({ faults }: FolderVerdict, above: string): string[] {
  return faults.map(({ path, fault }) => folderWords[fault]({ folder: folderName(`${above}${path}`) }));
}

/** Describes what the hashes of folders say, and each folder that differs. */
export function describeFolders(folders: FolderVerdict, listPath: string): string[] {
  const above = listPath.replace(/ascmhl\/[^/]*$/i, '');
  const state = folderStates[folders.state]({ count: folders.compared });
  return [...(state === null ? [] : [state]), ...describeFolderFaults(folders, above)];
}

function describeFaults({ faults }: ListHistory): string[] {
  return faults.map(({ fault, generation, path }) =>
    faultWords[fault]({ number: generation === null ? '?' : String(generation), list: path }),
  );
}

const chainWords: Record<ListHistory['chain'], () => string | null> = {
  whole: m.manifests_chain_whole,
  pending: m.manifests_chain_pending,
  unchecked: m.manifests_chain_unchecked,
  none: m.manifests_chain_none,
  // The faults have sentences of their own.
  broken: () => null,
};

const folderStates: Record<FolderVerdict['state'], (input: { count: number }) => string | null> = {
  match: m.manifests_folders_match,
  differs: m.manifests_folders_differing,
  pending: m.manifests_folders_pending,
  unchecked: m.manifests_folders_unchecked,
  none: () => null,
};

/** Patterns that every ASC MHL history leaves out. */
const alwaysIgnored = new Set(['.DS_Store', 'ascmhl', 'ascmhl/']);

/** Describes the contents of a list. */
export function describeList({
  entries,
  what,
  unread,
  notes: codes,
  counts,
  creator,
  history,
  ignores,
  leftOut,
}: ManifestListView[number]): string {
  const patterns = what === 'asc_mhl' ? ignores.filter((pattern) => !alwaysIgnored.has(pattern)) : [];
  const who = creator ? describeCreator(creator) : '';
  return [
    m.manifests_entries({ count: entries }),
    kindOfList(what),
    history?.generation != null && m.manifests_generation({ number: history.generation }),
    history && chainWords[history.chain](),
    history && folderStates[history.folders.state]({ count: history.folders.compared }),
    counts.superseded > 0 && m.manifests_superseded({ count: counts.superseded }),
    unread > 0 && m.manifests_unread({ count: unread }),
    ...describeNotes(codes),
    patterns.length > 0 && m.manifests_ignores({ patterns: patterns.slice(0, 10).join(', ') }),
    ...leftOut
      .filter(({ pattern }) => !alwaysIgnored.has(pattern))
      .slice(0, 10)
      .map(({ pattern, files }) => m.manifests_left_out({ count: files, pattern })),
    who !== '' && m.manifests_made_by({ who }),
  ]
    .filter((text) => typeof text === 'string')
    .join(' · ');
}

/** Explains why an entry is listed, with both values when they differ. */
export function describeEntry(entry: ManifestEntryView): string {
  const { verdict, expected, found, expectedBytes, notes: codes } = entry;
  const values =
    verdict !== 'differs'
      ? []
      : codes.includes('other_size') && expectedBytes !== null
        ? [m.manifest_row_size({ expected: formatBytes(expectedBytes) })]
        : expected && found
          ? [m.manifest_row_differs({ expected: shortened(expected), found: shortened(found) })]
          : [];
  return [...values, ...describeNotes(codes)].join(' · ');
}

/** Returns the note of the finding that a redelivery suggests for this entry. */
export function noteForFinding({
  verdict,
  path,
  list,
  algorithm,
  expected,
  found,
}: ManifestEntryView): string {
  if (verdict === 'extra') return m.manifest_finding_extra();
  if (verdict === 'missing') return m.manifest_finding_missing({ list: list?.path ?? '', path });
  return m.manifest_finding_differs({
    algorithm: algorithm ?? '',
    list: list?.path ?? '',
    expected: expected ?? '–',
    found: found ?? '–',
  });
}

/** Returns the start and the end of a value, enough to see that two values differ. */
function shortened(value: string): string {
  return value.length > 20 ? `${value.slice(0, 8)}…${value.slice(-8)}` : value;
}
