/** Builds one entry of a list: normalises its path and checks its value against the possible algorithms. */
import { checksumValue, type ChecksumAlgorithm } from '../media/checksums.ts';
import { algorithmOf, algorithmsFor } from './algorithms.ts';
import { maxEntryPathLength, type EntryNote, type ManifestEntry } from './manifest.ts';

type Written = {
  path: string;
  value: string;
  line: number;
  /** The algorithm's name in the list; undefined when the list names none. */
  label?: string;
  hint?: ChecksumAlgorithm | null;
  sizeBytes?: number | null;
  notes?: readonly EntryNote[];
};

/** Returns null when the text is not an entry. */
export function entryFrom({
  label,
  hint = null,
  sizeBytes = null,
  ...written
}: Written): ManifestEntry | null {
  const { line } = written;
  const { path, notes: pathNotes } = tidyPath(written.path);
  if (path.length > maxEntryPathLength) return null;
  const notes = new Set<EntryNote>([...(written.notes ?? []), ...pathNotes]);
  const done = (value: string, algorithms: readonly ChecksumAlgorithm[]): ManifestEntry => ({
    path,
    algorithms,
    value,
    sizeBytes,
    line,
    notes: [...notes],
  });
  if (label === undefined) {
    const algorithms = algorithmsFor(written.value, hint);
    const [first] = algorithms;
    if (!first) return null;
    if (algorithms.length > 1) notes.add('unlabelled');
    return done(checksumValue(first, written.value)!, algorithms);
  }
  const algorithm = algorithmOf(label);
  const value = algorithm && checksumValue(algorithm, written.value);
  if (algorithm && value !== null) return done(value, [algorithm]);
  // Labels sometimes name the wrong xxHash, so the length of the value decides.
  const others = algorithm?.startsWith('xxh') ? algorithmsFor(written.value, null) : [];
  const fitting = others.filter((each) => each.startsWith('xxh'));
  if (fitting[0]) return done(checksumValue(fitting[0], written.value)!, fitting);
  if (algorithm || !/^[0-9a-z+/=]{4,256}$/i.test(written.value)) return null;
  notes.add('other_algorithm');
  return done(written.value, []);
}

/** Builds an entry for a file that the list names without a value. */
export function entryWithoutValue(path: string, line: number, sizeBytes: number | null): ManifestEntry {
  const tidy = tidyPath(path);
  return {
    path: tidy.path,
    algorithms: [],
    value: '',
    sizeBytes,
    line,
    notes: [...tidy.notes, 'no_value'],
  };
}

/** Names that programs write for standard input. */
const standardInput = /^(-|\(?stdin\)?|\*stdin)$/i;

/** Normalises a path: `/` between the parts, no `./`, and no `..` that leaves the list's root. */
export function tidyPath(written: string): { path: string; notes: EntryNote[] } {
  const notes: EntryNote[] = [];
  let path = written.trim();
  if (path === '' || standardInput.test(path)) return { path: '', notes: ['no_name'] };
  if (/^".*"$/.test(path)) path = path.slice(1, -1);
  if (path.includes('\\')) {
    path = path.replaceAll('\\', '/');
    notes.push('backslashes');
  }
  if (/^(\/|[a-z]:)/i.test(path)) {
    path = path.replace(/^[a-z]:/i, '').replace(/^\/+/, '');
    notes.push('absolute_path');
  }
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') {
      segments.pop();
      if (!notes.includes('parent_path')) notes.push('parent_path');
    } else segments.push(segment);
  }
  if (/(…|\.\.\.)$/.test(path)) notes.push('path_cut');
  return { path: segments.join('/'), notes };
}
