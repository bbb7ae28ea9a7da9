/** Edits of things that several people may have open at once. */
import { z } from 'zod';

/**
 * The `revision` that the caller saw. When somebody has edited the thing since, the call fails with `changed_meanwhile` and
 * changes nothing. Without it, the last call wins.
 */
export const seenRevision = z.number().int().min(0).optional();
/** Counts the edits of the thing. */
export const revisionView = z.number();
