/** Whether the folders of the hub can be used now: still the hub's own, writable, and with room. Looked at while it runs. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { carriesMarker } from '@turnover/db/folder-markers';
import { faultReasonOf, type FaultReason } from '@turnover/domain/requests/system-faults';

/** Below the data folder; vault and incoming must be there for any byte to be kept. */
const markedFolders = ['', 'vault', 'incoming', 'quarantine'];

export function areFoldersThere(dataFolder: string, hubId: string): boolean {
  return markedFolders.every((name) => carriesMarker(join(dataFolder, name), hubId));
}

/** As little as a disk takes at once; enough to see that it takes nothing. */
const probe = Buffer.alloc(4096, 'probe');

/** Writes and removes a file, because a quota or a disk that went read-only shows nowhere else; null: all is well. */
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
