/** Writes a small uncompressed ZIP whose sizes and CRCs are known in advance. */
import { centralRecord, endRecords, localHeader, type ZipMember } from '../../zip-format.ts';

type ZippedFile = { name: string; sizeBytes: number; crc: number; at: number };

/** For each file, send the result of `begin` and then its bytes. After the last file, send the result of `end`. */
export function storedZip() {
  const central: Buffer[] = [];
  let offset = 0;
  return {
    begin({ name: path, sizeBytes, crc, at }: ZippedFile): Uint8Array {
      const member: ZipMember = { path, sizeBytes, at, offset, crcFollows: false };
      central.push(centralRecord(member, crc));
      const header = localHeader(member, crc);
      offset += header.length + sizeBytes;
      return header;
    },
    end(): Uint8Array {
      const directory = Buffer.concat(central);
      const end = endRecords({ members: central.length, sizeBytes: directory.length, offset });
      return Buffer.concat([directory, end]);
    },
  };
}
