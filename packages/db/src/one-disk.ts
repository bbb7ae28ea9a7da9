/**
 * Checks that the folders between which files move are on one disk. A finished upload moves into the vault by a rename, which
 * the system refuses across disks and even across two mounts of one disk.
 */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseRefused } from './database-refused.ts';
import { unescapeMountPoint } from './mount-table.ts';

const movedBetween = ['incoming', 'vault', 'quarantine'];

type Place = { name: string; mountPoint: string; device: number };

/** Folders that do not exist yet will be created on the data folder's disk. */
export function refuseSplitFolders(dataFolder: string, mountTable = '/proc/self/mountinfo'): void {
  const mountPoints = mountPointsOf(mountTable);
  const places = movedBetween.map((name): Place => {
    const path = statSync(join(dataFolder, name), { throwIfNoEntry: false })
      ? join(dataFolder, name)
      : dataFolder;
    return { name, mountPoint: mountPointOf(path, mountPoints), device: statSync(path).dev };
  });
  const [first] = places;
  const other = places.find(
    ({ mountPoint, device }) => mountPoint !== first!.mountPoint || device !== first!.device,
  );
  if (!other) return;
  throw new DatabaseRefused(
    `The folders ${first!.name} and ${other.name} of ${dataFolder} are on different disks: ${first!.name} is on the disk mounted at ` +
      `${first!.mountPoint}, ${other.name} on the disk mounted at ${other.mountPoint}. Turnover moves files between them without copying. ` +
      `Put ${list(movedBetween)} on one disk under one mount: mount the disk at ${dataFolder}, or at a folder to which all three are links. ` +
      'Nothing was changed.',
  );
}

/** Empty without a mount table: then only device numbers are compared. */
function mountPointsOf(mountTable: string): string[] {
  try {
    const lines = readFileSync(mountTable, 'utf8').split('\n');
    return lines.flatMap((line) => {
      const point = line.split(' ')[4];
      return point ? [unescapeMountPoint(point)] : [];
    });
  } catch {
    return [];
  }
}

function mountPointOf(path: string, mountPoints: readonly string[]): string {
  const real = realpathSync(path);
  const isAbove = (point: string) => point === '/' || real === point || real.startsWith(`${point}/`);
  return mountPoints
    .filter(isAbove)
    .reduce((deepest, point) => (point.length > deepest.length ? point : deepest), '/');
}

function list(names: readonly string[]): string {
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
