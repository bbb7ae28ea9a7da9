/** How long the body of a call may be: as long as the inputs of its procedures can get, up to a maximum. */
import type { z } from 'zod';
import { largestJsonBytes } from './input-bounds.ts';
import { appRouter } from './root.ts';

/** Enough for every form and for most calls. */
export const smallBodyBytes = 16 * 1024;
/** A longer list has to be sent in parts. */
export const largestBodyBytes = 2 * 1024 * 1024;

/** `names` is one procedure, or several in a batch, separated by commas. Unknown names get the small limit. */
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
