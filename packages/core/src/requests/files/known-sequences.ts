/**
 * Caches which names of a request are image sequences. Computing this reads every file, so it is kept until the request
 * changes.
 */
import type { Reader } from '@turnover/db/open';
import type { Context } from '../../context.ts';
import { revisionOf } from '../revision.ts';
import type { RoundScope } from './round-scope.ts';
import { candidateKeys, isCounted } from './sequence-keys.ts';

type Known = { stamp: string; at: number; keys: readonly string[] };

/** For each open database, the keys of recently listed scopes; the most recently used scope is last. */
const known = new WeakMap<Context['db'], Map<string, Known>>();
const maxKnown = 20;
/** Well below the hour after which signals are deleted: then the id of the last event, and so a stamp, could repeat. */
const keptMs = 10 * 60_000;

/** The keys of all sequences in the scope. */
export function sequenceKeys(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  scope: RoundScope,
): readonly string[] {
  const lists = known.get(db) ?? new Map<string, Known>();
  known.set(db, lists);
  const list = [scope.request.id, scope.round, scope.ownerId].join(' ');
  // Reads the stamp before the files: after a change in between, the keys are only newer than their stamp.
  const stamp = stampOf(db, scope);
  const found = lists.get(list);
  lists.delete(list);
  const isValid = found?.stamp === stamp && Math.abs(clock() - found.at) < keptMs;
  const kept = isValid ? found : { stamp, at: clock(), keys: readKeys(db, scope) };
  lists.set(list, kept);
  for (const oldest of [...lists.keys()].slice(0, -maxKnown)) lists.delete(oldest);
  return kept.keys;
}

/** Includes the counters, because a removal in batches changes them with each batch but writes its event only at the end. */
function stampOf(db: Reader, { request: { id, fileCount, totalBytes } }: RoundScope): string {
  return [revisionOf(db, id), fileCount, totalBytes].join(' ');
}

function readKeys(db: Reader, { visible }: RoundScope): string[] {
  return candidateKeys(db, visible).filter((key) => isCounted(db, visible, key));
}
