/** Where each byte of an archive will be, before anything of it is read. */
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

/** A larger file gets its CRC after its bytes, because reading it twice would take too long. */
export const maxWithCrcFirst = 64 * 1024 * 1024;

/** Counts up when the same files give other bytes: then nobody continues a download that was begun with the earlier ones. */
const layout = 1;

/** Whether a CRC is known changes no length and no byte, so a download can be continued after the hub has learned some. */
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

/** The member that holds this byte; beyond the last one, their number. */
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
