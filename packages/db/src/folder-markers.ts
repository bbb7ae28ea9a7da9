/**
 * The marker: a small file that names the hub which owns the folder. It is in the data folder, and in each subfolder that may
 * be on a separate disk. An empty mount point has none, so an unmounted disk can be distinguished from an empty folder.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { isId } from '@turnover/domain/ids';
import { syncPath } from './backup.ts';

export const markerName = 'turnover.id';

/** `folderId` is null except in the marker of the data folder itself. */
export type Marker = { hubId: string; folderId: string | null };

const note = 'Turnover knows its folders by this file. Do not copy, change or remove it.';
/** A marker has about 200 bytes. A larger file is not a marker and is not read into memory. */
const longestMarkerBytes = 4096;

/** `unreadable`: a file of that name exists but is not a marker. */
export function readMarker(folder: string): Marker | 'missing' | 'unreadable' {
  const path = join(folder, markerName);
  try {
    const found = lstatSync(path);
    if (!found.isFile() || found.size > longestMarkerBytes) return 'unreadable';
    return parseMarker(readFileSync(path, 'utf8'));
  } catch (error) {
    // A process that has run out of file handles or memory cannot tell whether there is a marker.
    if (/^(EMFILE|ENFILE|ENOMEM)$/.test((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return /ENOENT|ENOTDIR/.test((error as NodeJS.ErrnoException).code ?? '') ? 'missing' : 'unreadable';
  }
}

function parseMarker(text: string): Marker | 'unreadable' {
  try {
    const { hub, folder = null } = JSON.parse(text) as { hub?: unknown; folder?: unknown };
    if (typeof hub !== 'string' || !isId('hub', hub)) return 'unreadable';
    if (folder !== null && (typeof folder !== 'string' || !isId('folder', folder))) return 'unreadable';
    return { hubId: hub, folderId: folder };
  } catch {
    return 'unreadable';
  }
}

/** Renames the file into place, so that a marker is either complete or missing. */
export function writeMarker(folder: string, { hubId, folderId }: Marker): void {
  const path = join(folder, markerName);
  const unfinished = `${path}.new`;
  const text = JSON.stringify({ hub: hubId, ...(folderId && { folder: folderId }), note });
  writeFileSync(unfinished, `${text}\n`, { mode: 0o600 });
  const descriptor = openSync(unfinished, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(unfinished, path);
  syncPath(folder);
}

/** Whether the folder has this hub's marker. For checks while the hub runs. */
export function carriesMarker(folder: string, hubId: string): boolean {
  if (!existsSync(join(folder, markerName))) return false;
  const marker = readMarker(folder);
  return typeof marker !== 'string' && marker.hubId === hubId;
}
