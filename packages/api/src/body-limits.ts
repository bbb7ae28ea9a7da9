/** How many bytes the body of a call may have: what the inputs of its procedures can need, and never more than is read at once. */
import type { z } from 'zod';
import { largestJsonBytes } from './input-bounds.ts';
import { appRouter } from './root.ts';

/** Enough for every form, and for a call that says little. */
export const smallBodyBytes = 16 * 1024;
/** A list that is longer than this has to be sent in parts. */
export const largestBodyBytes = 2 * 1024 * 1024;

/** `names`: of one procedure, or of several in a batch with commas between. What does not exist needs little. */
export function bodyLimitOf(names: string): number {
  const limits = names.split(',').map(limitOf);
  return Math.min(
    largestBodyBytes,
    limits.reduce((sum, limit) => sum + limit, 0),
  );
}

const known = new Map<string, number>();

function limitOf(name: string): number {
  const limit = known.get(name) ?? readLimit(name);
  if (limit !== null) known.set(name, limit);
  return limit ?? smallBodyBytes;
}

function readLimit(name: string): number | null {
  const procedures = appRouter._def.procedures as unknown as Record<
    string,
    { _def: { inputs: z.ZodType[] } }
  >;
  if (!Object.hasOwn(procedures, name)) return null;
  const bytes = procedures[name]!._def.inputs.reduce((sum, input) => sum + largestJsonBytes(input), 0);
  return Math.min(largestBodyBytes, Math.max(smallBodyBytes, bytes));
}
