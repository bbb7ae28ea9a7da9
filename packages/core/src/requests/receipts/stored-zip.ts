/** Writes a small ZIP whose sizes and CRCs are known before. */
import { centralRecord, endRecords, localHeader, type ZipMember } from '../../zip-format.ts';

type ZippedFile = { name: string; sizeBytes: number; crc: number; at: number };

/** Send what `begin` returns, then the bytes of that file; send what `end` returns after the last. */
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
