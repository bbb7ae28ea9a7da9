/** Summaries of what the lists of a request say, for the request and for each file. */
import { z } from 'zod';
import { checksumAlgorithmSchema } from '../media/checksums.ts';
import { manifestCreator } from './creator.ts';
import { fileVerdicts } from './verdicts.ts';

/** Files by verdict, and entries that match no file. */
export const manifestCounts = z.object({
  match: z.number(),
  differs: z.number(),
  extra: z.number(),
  pending: z.number(),
  uncheckable: z.number(),
  missing: z.number(),
});
export type ManifestCounts = z.infer<typeof manifestCounts>;
export const noCounts: ManifestCounts = {
  match: 0,
  differs: 0,
  extra: 0,
  pending: 0,
  uncheckable: 0,
  missing: 0,
};

/** `comparing`: something changed, and the counts are still the old ones. */
export const manifestSummaryView = z
  .object({ lists: z.number(), comparing: z.boolean(), counts: manifestCounts.nullable() })
  .nullable();
export type ManifestSummaryView = z.infer<typeof manifestSummaryView>;

const notes = z.array(z.string());
const listPath = z.object({ id: z.string(), path: z.string() });

/** The entry that decides for one delivered file, and its list. */
export const fileManifestView = z
  .object({
    verdict: z.enum(fileVerdicts),
    list: listPath.nullable(),
    algorithm: checksumAlgorithmSchema.nullable(),
    /** The value in the list, and the one that the hub computed from the stored bytes. */
    expected: z.string().nullable(),
    found: z.string().nullable(),
    expectedBytes: z.number().nullable(),
    /** When the sender's program computed the value, as its list states. */
    computedAt: z.number().nullable(),
    /** Who made the list; null: it does not say, or the reader does not see the list. */
    creator: manifestCreator.nullable(),
    /** Of an ASC MHL history. */
    generation: z.number().nullable(),
    /** The pattern that leaves the file out of its history; null for every other file. */
    ignoredBy: z.string().nullable(),
    notes,
  })
  .nullable();
export type FileManifestView = z.infer<typeof fileManifestView>;
