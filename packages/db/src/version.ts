/** Detects whether anything was written between two calls. If not, data read after the first call is still current. */
import type { Database } from './open.ts';

/** Returns a text that changes with every row this connection writes and every transaction of another connection. */
export function versionOf({ $client }: Database): string {
  const own = $client.prepare('select total_changes()').pluck().get() as number;
  const others = $client.pragma('data_version', { simple: true }) as number;
  return `${own} ${others}`;
}
