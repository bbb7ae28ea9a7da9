/** The only source of ids outside of tests. */
import { randomFillSync } from 'node:crypto';
import { makeId, type Noun } from '@turnover/domain/ids';
import type { Clock } from './context.ts';

const bytesPerId = 10;

/** Random bytes for 400 ids: one call for each id would take longer than the rest of creating a row. */
const pool = Buffer.alloc(bytesPerId * 400);
let used = pool.length;

export function idsFrom(clock: Clock): (noun: Noun) => string {
  return (noun) => makeId(noun, clock(), randomBytes());
}

function randomBytes(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return pool.subarray(used, (used += bytesPerId));
}
