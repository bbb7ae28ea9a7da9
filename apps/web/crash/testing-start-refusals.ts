/** For tests: folders that the real web process must refuse, as root, as another user, and on their own disks. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { picture, startServer } from './testing-bad-folders.ts';

const refusedToStart = 78;
export const isRoot = process.getuid?.() === 0;
/** The user `nobody`, on every system that has one. */
export const stranger = 65_534;
const root = mkdtempSync(join(tmpdir(), 'turnover-start-'));
chmodSync(root, 0o755);
const mounted: string[] = [];
export function removePlaces(): void {
  for (const path of mounted) execFileSync('umount', [path]);
  rmSync(root, { recursive: true, force: true });
}

let made = 0;
export function makeFolder(owner: number | undefined = process.getuid?.(), mode = 0o700) {
  const at = join(root, `place ${++made}`);
  const folder = join(at, 'data');
  mkdirSync(folder, { recursive: true });
  if (isRoot) chownSync(folder, owner!, owner!);
  chmodSync(folder, mode);
  return { at, folder };
}

export function mount(folder: string, ...options: string[]): void {
  execFileSync('mount', ['-t', 'tmpfs', ...options, 'tmpfs', folder], { stdio: 'ignore' });
  mounted.push(folder);
}

type Place = ReturnType<typeof makeFolder>;
/** The refusal names the folder, its owner and what to do. */
export async function expectRefusal({ at, folder }: Place, says: RegExp[], uid?: number): Promise<void> {
  const before = picture(at);
  const { code, said } = await startServer({ TURNOVER_DATA: folder, TURNOVER_STATE: join(at, 'state') }, uid);
  expect(code).toBe(refusedToStart);
  for (const words of says) expect(said).toMatch(words);
  expect(said).toContain(folder);
  expect(said).not.toMatch(/\n\s+at |Error:/);
  expect(picture(at)).toEqual(before);
}

/** Only root can start a process as another user, who must be able to read these files. */
export const canBeStranger =
  isRoot &&
  spawnSync(process.execPath, [fileURLToPath(new URL('../http/origin.ts', import.meta.url))], {
    uid: stranger,
    gid: stranger,
    stdio: 'ignore',
    timeout: 10_000,
  }).status === 0;

export function canMount(): boolean {
  try {
    mount(makeFolder().folder);
    return true;
  } catch {
    return false;
  }
}
