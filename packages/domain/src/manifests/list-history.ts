/** The place of a list in an ASC MHL history, for people and API clients. */
import { z } from 'zod';
import { chainFaults } from './history.ts';

export const listHistory = z.object({
  /** The folder that the history describes; empty at the top of the delivery. */
  folder: z.string(),
  /** The number of the generation; null for the chain. */
  generation: z.number().nullable(),
  /** The number of generations that were delivered. */
  generations: z.number(),
  /** `none`: nobody delivered the chain. */
  chain: z.enum(['whole', 'broken', 'pending', 'unchecked', 'none']),
  /** The first faults of the chain; empty for a list that is not the chain. */
  faults: z.array(
    z.object({
      fault: z.enum(chainFaults),
      generation: z.number().nullable(),
      /** Path of the list, as the chain names it; empty for a gap. */
      path: z.string(),
    }),
  ),
});
export type ListHistory = z.infer<typeof listHistory>;
