/** The only source of ids outside of tests. */
import { randomFillSync } from 'node:crypto';
import { makeId, type Noun } from '@turnover/domain/ids';
import type { Clock } from './context.ts';

const bytesPerId = 10;

/** Filled for 400 ids at a time: one call for random bytes per id takes longer than all the rest of a new row. */
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
