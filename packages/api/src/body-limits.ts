/** Limits the body size of a call: to the largest valid input of its procedures, up to a maximum. */
import type { z } from 'zod';
import { largestJsonBytes } from './input-bounds.ts';
import { appRouter } from './root.ts';

/** Limit for unknown procedures; enough for every form and for most calls. */
export const smallBodyBytes = 16 * 1024;
/** Limit for all procedures. Clients must send longer lists in parts. */
export const largestBodyBytes = 2 * 1024 * 1024;

/** `names`: one procedure, or the procedures of a batch, separated by commas. Unknown names get the small limit. */
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
