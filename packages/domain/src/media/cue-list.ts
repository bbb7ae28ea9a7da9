/** Subtitle texts with their times, as the player shows them beside the picture. */
import { z } from 'zod';

export const maxListedCues = 10_000;

export const cueList = z.object({
  cues: z
    .array(z.object({ fromMs: z.number(), toMs: z.number().nullable(), text: z.string().max(2000) }))
    .max(maxListedCues),
  /** The number of cues in the file, including those that are not listed. */
  total: z.number(),
});
export type CueList = z.infer<typeof cueList>;
