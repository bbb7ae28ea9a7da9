/** Checks while the hub runs that its folders are usable: they carry its markers, are writable and have free space. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { carriesMarker } from '@turnover/db/folder-markers';
import { faultReasonOf, type FaultReason } from '@turnover/domain/requests/system-faults';

/** Folders inside the data folder. The hub can store nothing without vault and incoming. */
const markedFolders = ['', 'vault', 'incoming', 'quarantine'];

export function areFoldersThere(dataFolder: string, hubId: string): boolean {
  return markedFolders.every((name) => carriesMarker(join(dataFolder, name), hubId));
}

/** The smallest amount that a disk writes at once, which is enough to see whether it writes at all. */
const probe = Buffer.alloc(4096, 'probe');

/** Writes and deletes a file, because only this detects a full quota or a read-only disk. Returns the fault, or null. */
export async function probeFolder(dataFolder: string): Promise<FaultReason | null> {
  const path = join(dataFolder, 'turnover.probe');
  try {
    await writeFile(path, probe, { mode: 0o600, flush: true });
    return null;
  } catch (error) {
    return faultReasonOf(error) ?? 'disk_error';
  } finally {
    await rm(path, { force: true }).catch(() => {});
  }
}
