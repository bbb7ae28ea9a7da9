/** Notices commits of any process within a tenth of a second: `PRAGMA data_version` costs 3 µs a look. */
import Sqlite from 'better-sqlite3';

const lookEveryMs = 100;

/** Calls `onCommit` after each commit seen; the connection is its own, because a connection does not see itself change. */
export function watchCommits(path: string, onCommit: () => void): { close(): void } {
  const client = new Sqlite(path, { readonly: true });
  const look = client.prepare('pragma data_version').pluck();
  let seen = look.get();
  const timer = setInterval(() => {
    let now: unknown;
    try {
      now = look.get();
    } catch {
      // A disk that does not answer now may answer at the next look; others say so where it matters.
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
