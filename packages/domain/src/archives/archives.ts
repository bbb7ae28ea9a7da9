/** Archives: what somebody selects, downloaded as one ZIP. The ZIP is never stored; it is made while it is sent. */
import { z } from 'zod';
import { checksumAlgorithmSchema } from '../media/checksums.ts';
import { fileSelection } from '../requests/files.ts';
import { selectEntriesInput } from '../workspace/entries.ts';

/** An archive with more files is refused, because its list must fit into memory. */
export const maxArchivedFiles = 250_000;
/** A prepared archive can be downloaded, and continued, for this long after its last use. */
export const archiveKeptDays = 7;

export const archiveEntriesInput = selectEntriesInput;
export const archiveFilesInput = z.object({ selection: fileSelection });

export const archiveView = z.object({
  /** Address of the ZIP, for the person who prepared it. Answers `GET` and `HEAD`, with `Range`. */
  url: z.string(),
  /** Address of `list.json`: the same files with their checksums. */
  listUrl: z.string(),
  /** The file name of the ZIP. */
  name: z.string(),
  files: z.number(),
  sizeBytes: z.number(),
});
export type ArchiveView = z.infer<typeof archiveView>;

/** One file of `list.json`. */
export const listedFileView = z.object({
  /** Path in the ZIP. The path of an empty folder ends with `/`. */
  path: z.string(),
  sizeBytes: z.number(),
  /**
   * Null for a folder, and for a file that was removed from its round since: only the ZIP of the round still contains
   * it.
   */
  url: z.string().nullable(),
  checksums: z.array(z.object({ algorithm: checksumAlgorithmSchema, value: z.string() })),
});
export type ListedFileView = z.infer<typeof listedFileView>;

export function archiveUrlOf(id: string): string {
  return `/files/${id}`;
}
