/** Summaries of the checksum lists of a request, for the request and for each file. */
import { z } from 'zod';
import { checksumAlgorithmSchema } from '../media/checksums.ts';
import { manifestCreator } from './creator.ts';
import { fileVerdicts } from './verdicts.ts';

/** The number of files by verdict, and of entries that match no file. */
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

/** `comparing`: something changed, and the counts are not updated yet. */
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
    /** The value in the list, and the value that the hub computed from the stored bytes. */
    expected: z.string().nullable(),
    found: z.string().nullable(),
    expectedBytes: z.number().nullable(),
    /** When the sender's program computed the value, as its list states. */
    computedAt: z.number().nullable(),
    /** The creator of the list; null when the list does not state it or the reader may not see the list. */
    creator: manifestCreator.nullable(),
    /** Number of the generation in an ASC MHL history; null for any other list. */
    generation: z.number().nullable(),
    /** The pattern that excludes the file from its history; null for every other file. */
    ignoredBy: z.string().nullable(),
    notes,
  })
  .nullable();
export type FileManifestView = z.infer<typeof fileManifestView>;
