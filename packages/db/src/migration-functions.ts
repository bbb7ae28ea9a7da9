/** What migrations compute of rows that are there already and SQL alone cannot: keys made from names, and ids. */
import { randomBytes } from 'node:crypto';
import type Sqlite from 'better-sqlite3';
import { makeId } from '@turnover/domain/ids';
import { storedLookAlikeKey } from '@turnover/domain/names/look-alikes';
import { frameNameOf, parseFrameName, sequenceKey } from '@turnover/domain/sequences';
import { sortKey } from '@turnover/domain/sort-keys';

export function addMigrationFunctions(client: Sqlite.Database, now: number): void {
  const ofName = (name: string, compute: (name: string) => string | number | null) =>
    client.function(name, { deterministic: true }, (value: unknown) => compute(String(value)));
  const patternOf = (name: string) => parseFrameName(name)?.pattern ?? name;
  ofName('turnover_sort_key', sortKey);
  ofName('turnover_frame', (name) => parseFrameName(name)?.frame ?? null);
  ofName('turnover_frame_pattern', patternOf);
  ofName('turnover_pattern_sort_key', (name) => sortKey(frameNameOf(patternOf(name), 0)));
  ofName('turnover_sequence_key', (name) => (parseFrameName(name) ? sequenceKey(patternOf(name)) : null));
  ofName('turnover_look_key', storedLookAlikeKey);
  ofName('turnover_sequence_look_key', (pattern) => {
    const look = storedLookAlikeKey(pattern);
    return look && sequenceKey(look);
  });
  client.function('turnover_entry_id', () => makeId('entry', now, randomBytes(10)));
}
