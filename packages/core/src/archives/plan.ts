/** Plans the byte positions in an archive before any file is read. */
import { turns } from '../batches.ts';
import type { ArchivedFile } from './archived-file.ts';
import type { FileList } from './archived-files.ts';
import {
  centralRecordLength,
  descriptorLength,
  endRecords,
  localHeaderLength,
  type Directory,
  type ZipMember,
} from '../zip-format.ts';

export type PlannedMember = ArchivedFile & ZipMember;

export type ArchivePlan = {
  fileName: string;
  sizeBytes: number;
  etag: string;
  members: PlannedMember[];
  directory: Directory;
};

/** Larger files get their CRC after their bytes (as a data descriptor), because reading them twice would take too long. */
export const maxWithCrcFirst = 64 * 1024 * 1024;

/**
 * Version of the layout, part of the ETag. Increase it when the same files give other bytes, so that no client resumes an old
 * download.
 */
const layout = 1;

/**
 * Plans the archive. Known CRCs do not change the plan, so a client can resume a download after the hub has computed more of
 * them.
 */
export async function planArchive({ name, files, tag }: FileList): Promise<ArchivePlan> {
  const othersTurn = turns();
  const members: PlannedMember[] = [];
  let [offset, directoryBytes] = [0, 0];
  for (const file of files) {
    const member = { ...file, offset, crcFollows: file.sizeBytes > maxWithCrcFirst };
    members.push(member);
    offset += memberLength(member);
    directoryBytes += centralRecordLength(member);
    if (members.length % 64 === 0) await othersTurn();
  }
  const directory = { members: members.length, sizeBytes: directoryBytes, offset };
  const sizeBytes = offset + directoryBytes + endRecords(directory).length;
  return { fileName: `${name}.zip`, sizeBytes, etag: `"zip${layout}-${tag}"`, members, directory };
}

export function memberLength(member: ZipMember): number {
  return localHeaderLength(member) + member.sizeBytes + descriptorLength(member);
}

/** The index of the member that contains this byte; the number of members for a position behind the last one. */
export function memberAt({ members, directory }: ArchivePlan, position: number): number {
  if (position >= directory.offset) return members.length;
  let [low, high] = [0, members.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (members[middle]!.offset <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}
