/** A disk of a few megabytes, for tests that fill it. Only root can mount one. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Returns the path of an empty disk, or null where this process may not mount one. */
export function mountSmallDisk(megabytes: number): string | null {
  const path = mkdtempSync(join(tmpdir(), 'turnover-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path], { stdio: 'ignore' });
    return path;
  } catch {
    rmSync(path, { recursive: true, force: true });
    return null;
  }
}

export function removeSmallDisk(path: string | null): void {
  if (path === null) return;
  execFileSync('umount', [path]);
  rmSync(path, { recursive: true, force: true });
}
