/**
 * For tests: a disk whose power can be cut. It is an ext4 file system in a file; a copy of that file is what the disk holds at an
 * instant, without what the system still had in memory.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const sizeBytes = 512 * 1024 * 1024;

export type CutDisk = {
  /** Where it is mounted. */
  path: string;
  /** Writes everything that the system still has in memory: the state before the test. */
  sync(): void;
  /** Mounts what the disk holds now in another place, and unmounts it after `use`. */
  cut<Result>(use: (path: string) => Promise<Result>): Promise<Result>;
  remove(): void;
};

/** Null where this process may not mount one. */
export function mountCutDisk(): CutDisk | null {
  const top = mkdtempSync(join(tmpdir(), 'turnover-cut-'));
  const image = join(top, 'disk.img');
  const path = join(top, 'disk');
  mkdirSync(path);
  try {
    writeFileSync(image, '');
    truncateSync(image, sizeBytes);
    run('mkfs.ext4', '-q', '-F', image);
    // Only what the hub syncs is written: the system itself would write every five seconds.
    run('mount', '-o', 'loop,commit=300', image, path);
  } catch {
    rmSync(top, { recursive: true, force: true });
    return null;
  }
  let cuts = 0;
  return {
    path,
    sync: () => run('sync', '-f', path),
    async cut(use) {
      const copy = join(top, `cut-${++cuts}.img`);
      const place = join(top, `cut-${cuts}`);
      run('cp', '--sparse=always', image, copy);
      mkdirSync(place);
      run('mount', '-o', 'loop', copy, place);
      try {
        return await use(place);
      } finally {
        run('umount', place);
        rmSync(copy);
      }
    },
    remove() {
      run('umount', path);
      rmSync(top, { recursive: true, force: true });
    },
  };
}

function run(file: string, ...args: string[]): void {
  execFileSync(file, args, { stdio: 'pipe' });
}
