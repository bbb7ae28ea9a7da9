/** Detects commits of any process within a tenth of a second. `PRAGMA data_version` costs 3 µs per check. */
import Sqlite from 'better-sqlite3';

const lookEveryMs = 100;

/** Calls `onCommit` after commits. Uses a connection of its own, because a connection does not notice its own changes. */
export function watchCommits(path: string, onCommit: () => void): { close(): void } {
  const client = new Sqlite(path, { readonly: true });
  const look = client.prepare('pragma data_version').pluck();
  let seen = look.get();
  const timer = setInterval(() => {
    let now: unknown;
    try {
      now = look.get();
    } catch {
      // A disk that does not answer now may answer next time. Operations that need it report the failure.
      return;
    }
    if (now === seen) return;
    seen = now;
    onCommit();
  }, lookEveryMs);
  timer.unref();
  return {
    close() {
      clearInterval(timer);
      client.close();
    },
  };
}
