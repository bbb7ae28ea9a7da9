/**
 * Whether the folders between which files are moved lie on one disk. A finished upload gets its place in the vault without
 * being copied, which the system refuses across disks, and across two mounts of the same disk as well.
 */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseRefused } from './database-refused.ts';
import { unescapeMountPoint } from './mount-table.ts';

const movedBetween = ['incoming', 'vault', 'quarantine'];

type Place = { name: string; mountPoint: string; device: number };

/** Folders that do not exist yet will be made on the disk of the data folder. */
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
    `The folders ${first!.name} and ${other.name} of ${dataFolder} are not on one disk: ${first!.name} is on the one mounted at ` +
      `${first!.mountPoint}, ${other.name} on the one at ${other.mountPoint}. Files are moved between them without being copied. ` +
      `Put ${list(movedBetween)} on one disk under one mount: mount the disk at ${dataFolder}, or at a folder to which all three are links. ` +
      'Nothing was changed.',
  );
}

/** Where the system has no such table, the numbers of the disks have to do. */
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
