/** Versions: the earlier bytes of a Workspace file that were replaced. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { personView } from '../people/accounts.ts';
import { entryIdInput } from './entries.ts';

/** The most versions that are listed; the newest ones. */
export const maxVersionsListed = 100;

export const restoreVersionInput = entryIdInput.extend({ versionId: idSchema('entryVersion') });

export const entryVersionsView = z.object({
  /** The version number of the present bytes: 1 for a file that was never replaced. */
  present: z.number(),
  /** Sorted newest first. `GET /files/<id>` downloads one. */
  versions: z.array(
    z.object({
      id: z.string(),
      number: z.number(),
      sizeBytes: z.number(),
      replacedAt: z.number(),
      replacedBy: personView,
      /** When the version is deleted for good, in epoch milliseconds. */
      until: z.number(),
    }),
  ),
  /** Number of days for which a version is kept. */
  keptDays: z.number(),
});
export type EntryVersionsView = z.infer<typeof entryVersionsView>;

/** Returns the name of a downloaded version, which differs from the name of the present file: `cut (v2).mov`. */
export function versionName(name: string, number: number): string {
  const [, stem = name, ending = ''] = /^(.+?)(\.[^.]*)?$/s.exec(name) ?? [];
  return `${stem} (v${number})${ending}`;
}
