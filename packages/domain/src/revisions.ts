/** Detects that two people edit the same thing at once, by a revision number. */
import { z } from 'zod';

/**
 * The `revision` that the caller saw. If somebody has edited the thing since, the call fails with `changed_meanwhile`
 * and changes nothing. When it is left out, the last call wins.
 */
export const seenRevision = z.number().int().min(0).optional();
/** The number of edits of the thing. */
export const revisionView = z.number();
