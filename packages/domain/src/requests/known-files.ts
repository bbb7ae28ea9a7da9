/**
 * Compares files with the present and earlier files of the request before they are sent: a redelivery only needs what
 * changed.
 */
import { z } from 'zod';
import { checksumAlgorithmSchema } from '../media/checksums.ts';
import { idSchema } from '../ids.ts';
import { requestIdInput } from './requests.ts';

export const maxFilesCompared = 500;
const path = z.string().min(1).max(20_000);

/** `checksums`: computed by the sender or stated by a checksum list. They only influence the answer. */
const fileToCompare = z.object({
  path,
  sizeBytes: z.number().int().nonnegative(),
  checksums: z
    .array(z.object({ algorithm: checksumAlgorithmSchema, value: z.string().max(128) }))
    .max(4)
    .default([]),
});
export type FileToCompare = z.infer<typeof fileToCompare>;

export const compareFilesInput = requestIdInput.extend({
  files: z.array(fileToCompare).min(1).max(maxFilesCompared),
});

export const knownFileView = z.object({
  /**
   * `same`: a file that the person may see has these bytes. `changed`: a file has the name, but other bytes. `new`:
   * neither. `maybe`: an XXH128 of the file is needed to decide.
   */
  is: z.enum(['same', 'changed', 'new', 'maybe']),
  /** The file with the same bytes. */
  earlier: z
    .object({
      fileId: z.string(),
      path: z.string(),
      /** The last submitted round that contained the file; null when it was added in the current round. */
      round: z.number().nullable(),
      isThere: z.boolean(),
      /** Reasons of the findings at this file: the house sent these bytes back. */
      reasons: z.array(z.string()),
      /** True while the bytes are stored, so that the file can be taken over without sending them. */
      canTakeOver: z.boolean(),
    })
    .nullable(),
});
export type KnownFileView = z.infer<typeof knownFileView>;

export const takeOverInput = requestIdInput.extend({
  files: z
    .array(z.object({ fileId: idSchema('deliveredFile'), path }))
    .min(1)
    .max(maxFilesCompared),
});
export type TakeOverInput = z.infer<typeof takeOverInput>;
export const takenOverView = z.object({ added: z.number() });
