/** The one source of ids outside of tests. */
import { randomBytes } from 'node:crypto';
import { makeId, type Noun } from '@turnover/domain/ids';
import type { Clock } from './context.ts';

export function idsFrom(clock: Clock): (noun: Noun) => string {
  return (noun) => makeId(noun, clock(), randomBytes(10));
}
