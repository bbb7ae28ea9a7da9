/** Tells whether anything was written between two looks: what was read before the first still holds at the second. */
import type { Database } from './open.ts';

/** Changes with every row that this connection writes, and with every transaction of another one. */
export function versionOf({ $client }: Database): string {
  const own = $client.prepare('select total_changes()').pluck().get() as number;
  const others = $client.pragma('data_version', { simple: true }) as number;
  return `${own} ${others}`;
}
