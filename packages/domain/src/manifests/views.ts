/** Views of checksum lists. */
import { z } from 'zod';
import { checksumAlgorithmSchema } from '../media/checksums.ts';
import { manifestCreator } from './creator.ts';
import { listHistory } from './list-history.ts';
import { maxListPage } from '../workspace/entries.ts';
import { reasonCodes } from '../requests/reasons.ts';
import { requestIdInput } from '../requests/requests.ts';
import { entryVerdicts } from './verdicts.ts';

const notes = z.array(z.string());
const listPath = z.object({ id: z.string(), path: z.string() });

export const manifestView = z.object({
  /** The delivered file. */
  id: z.string(),
  path: z.string(),
  /**
   * `reading`: not read yet. `unsupported`: a kind that cannot be compared. `unreadable`: the file turned out not to be
   * a list.
   */
  kind: z.enum(['reading', 'list', 'unsupported', 'unreadable']),
  /** The dialect, or the unsupported kind. */
  what: z.string().nullable(),
  entries: z.number(),
  /** The number of lines that could not be read. */
  unread: z.number(),
  notes,
  /** The number of entries by verdict. */
  counts: z.record(z.enum(entryVerdicts), z.number()),
  /** The creator that the list states; null when it states none. */
  creator: manifestCreator.nullable(),
  /** Its place in an ASC MHL history; null for every other list. */
  history: listHistory.nullable(),
  /** Patterns of files that the list excludes on purpose, as lines of a gitignore file. */
  ignores: z.array(z.string()),
  /** The patterns that left out delivered files, with the number of those files. */
  leftOut: z.array(z.object({ pattern: z.string(), files: z.number() })),
});
export const manifestListView = z.array(manifestView);
export type ManifestListView = z.infer<typeof manifestListView>;

export const manifestVerdicts = [...entryVerdicts, 'extra'] as const;
export const manifestEntriesInput = requestIdInput.extend({
  /** When undefined: everything except matches and entries that a newer generation supersedes. */
  verdict: z.enum(manifestVerdicts).optional(),
  offset: z.number().int().min(0).default(0),
  limit: z.number().int().min(1).max(maxListPage).default(200),
});
export type ManifestEntriesInput = z.infer<typeof manifestEntriesInput>;
export const manifestEntryView = z.object({
  verdict: z.enum(manifestVerdicts),
  /** The path as the list states it; for an extra file, its own path. */
  path: z.string(),
  file: listPath.nullable(),
  list: listPath.nullable(),
  line: z.number().nullable(),
  algorithm: checksumAlgorithmSchema.nullable(),
  expected: z.string().nullable(),
  found: z.string().nullable(),
  expectedBytes: z.number().nullable(),
  /** When the sender's program computed the value, as the list states; null when it does not. */
  computedAt: z.number().nullable(),
  notes,
  /** The reason that a redelivery would give; null when nothing is wrong. */
  reason: z.enum(reasonCodes).nullable(),
});
export type ManifestEntryView = z.infer<typeof manifestEntryView>;
export const manifestEntryListView = z.object({ entries: z.array(manifestEntryView), more: z.boolean() });
export type ManifestEntryListView = z.infer<typeof manifestEntryListView>;

/** Returns the reason that a redelivery would give for a verdict. */
export function reasonFor(verdict: (typeof manifestVerdicts)[number]): ManifestEntryView['reason'] {
  if (verdict === 'differs') return 'checksum_mismatch';
  if (verdict === 'missing') return 'missing_file';
  return verdict === 'extra' ? 'extraneous_content' : null;
}
