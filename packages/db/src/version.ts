/** Shows whether anything was written between two calls; if not, data read before the first is still current. */
import type { Database } from './open.ts';

/** Changes with every row this connection writes and every transaction of another one. */
export function versionOf({ $client }: Database): string {
  const own = $client.prepare('select total_changes()').pluck().get() as number;
  const others = $client.pragma('data_version', { simple: true }) as number;
  return `${own} ${others}`;
}
