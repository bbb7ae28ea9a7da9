/** Versions: the bytes that a file of a Workspace had before they were replaced. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { personView } from '../people/accounts.ts';
import { entryIdInput } from './entries.ts';

/** Only the newest are listed. */
export const maxVersionsListed = 100;

export const restoreVersionInput = entryIdInput.extend({ versionId: idSchema('entryVersion') });

export const entryVersionsView = z.object({
  /** The number of the present bytes: 1 for a file that was never replaced. */
  present: z.number(),
  /** The newest first. `GET /files/<id>` downloads one. */
  versions: z.array(
    z.object({
      id: z.string(),
      number: z.number(),
      sizeBytes: z.number(),
      replacedAt: z.number(),
      replacedBy: personView,
      /** When it is deleted for good, in epoch milliseconds. */
      until: z.number(),
    }),
  ),
  /** Days for which a version is kept. */
  keptDays: z.number(),
});
export type EntryVersionsView = z.infer<typeof entryVersionsView>;

/** The name of a downloaded version, so that it does not look like the present file: `cut (v2).mov`. */
export function versionName(name: string, number: number): string {
  const [, stem = name, ending = ''] = /^(.+?)(\.[^.]*)?$/s.exec(name) ?? [];
  return `${stem} (v${number})${ending}`;
}
