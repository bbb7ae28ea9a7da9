/**
 * The headers of a ZIP with uncompressed files. Every length is known before the first byte. ZIP64 is used only where a
 * number needs it, so that old programs can open the archives that fit their limits.
 */

export type ZipMember = {
  /** The path in the archive. The path of a folder ends with `/`. */
  path: string;
  sizeBytes: number;
  /** Time of the last change, in epoch milliseconds. */
  at: number;
  /** Position of its local header in the archive. */
  offset: number;
  /** Whether the CRC comes after the bytes (in a data descriptor) instead of before them. */
  crcFollows: boolean;
};

/** Flag bits. Bit 11: names are UTF-8. Bit 3: the CRC follows the bytes. */
const utf8 = 0x0800;
const crcFollowsFlag = 0x0008;
const plainVersion = 20;
const zip64Version = 45;
/** The host system is stated as Unix, so that programs apply the permissions. */
const madeBy = (3 << 8) | zip64Version;
const fileMode = 0o100644;
const folderMode = 0o040755;
const folderAttribute = 0x10;
const max16 = 0xffff;
const max32 = 0xffffffff;

const localBytes = 30;
const centralBytes = 46;
const timeBytes = 9;
const localSizesBytes = 20;

const isLarge = (sizeBytes: number): boolean => sizeBytes >= max32;
const isFolder = (path: string): boolean => path.endsWith('/');

export function localHeaderLength({ path, sizeBytes }: ZipMember): number {
  return localBytes + Buffer.byteLength(path) + timeBytes + (isLarge(sizeBytes) ? localSizesBytes : 0);
}

export function descriptorLength({ sizeBytes, crcFollows }: ZipMember): number {
  if (!crcFollows) return 0;
  return isLarge(sizeBytes) ? 24 : 16;
}

export function centralRecordLength(member: ZipMember): number {
  return centralBytes + Buffer.byteLength(member.path) + timeBytes + centralPlaces(member).length;
}

/** `crc` is ignored when it follows the bytes. */
export function localHeader(member: ZipMember, crc: number): Buffer {
  const { path, sizeBytes } = member;
  const large = isLarge(sizeBytes);
  const header = Buffer.alloc(localHeaderLength(member));
  header.writeUInt32LE(0x04034b50);
  writeCommon(header.subarray(4), member, member.crcFollows ? 0 : crc, {
    isZip64: large,
    extraBytes: timeBytes + (large ? localSizesBytes : 0),
  });
  const extra = localBytes + header.write(path, localBytes);
  writeTime(header.subarray(extra), member);
  if (large) zip64Field(sizeBytes, sizeBytes).copy(header, extra + timeBytes);
  return header;
}

/** The data descriptor, which follows the bytes when the CRC does. */
export function descriptor(member: ZipMember, crc: number): Buffer {
  const { sizeBytes } = member;
  const written = Buffer.alloc(descriptorLength(member));
  written.writeUInt32LE(0x08074b50);
  written.writeUInt32LE(crc, 4);
  if (isLarge(sizeBytes)) longs(sizeBytes, sizeBytes).copy(written, 8);
  else {
    written.writeUInt32LE(sizeBytes, 8);
    written.writeUInt32LE(sizeBytes, 12);
  }
  return written;
}

export function centralRecord(member: ZipMember, crc: number): Buffer {
  const places = centralPlaces(member);
  const record = Buffer.alloc(centralBytes + Buffer.byteLength(member.path) + timeBytes + places.length);
  record.writeUInt32LE(0x02014b50);
  record.writeUInt16LE(madeBy, 4);
  const extraBytes = timeBytes + places.length;
  writeCommon(record.subarray(6), member, crc, { isZip64: places.length > 0, extraBytes });
  const [mode, attribute] = isFolder(member.path) ? [folderMode, folderAttribute] : [fileMode, 0];
  record.writeUInt32LE(mode * 0x10000 + attribute, 38);
  record.writeUInt32LE(Math.min(member.offset, max32), 42);
  const extra = centralBytes + record.write(member.path, centralBytes);
  writeTime(record.subarray(extra), member);
  places.copy(record, extra + timeBytes);
  return record;
}

export type Directory = { members: number; sizeBytes: number; offset: number };

export function endRecords({ members, sizeBytes, offset }: Directory): Buffer {
  const last = Buffer.alloc(22);
  last.writeUInt32LE(0x06054b50);
  last.writeUInt16LE(Math.min(members, max16), 8);
  last.writeUInt16LE(Math.min(members, max16), 10);
  last.writeUInt32LE(Math.min(sizeBytes, max32), 12);
  last.writeUInt32LE(Math.min(offset, max32), 16);
  if (members < max16 && sizeBytes < max32 && offset < max32) return last;
  const end = Buffer.alloc(24);
  end.writeUInt32LE(0x06064b50);
  end.writeUInt32LE(44, 4);
  end.writeUInt16LE(madeBy, 12);
  end.writeUInt16LE(zip64Version, 14);
  const locator = Buffer.alloc(8);
  locator.writeUInt32LE(0x07064b50);
  const disks = Buffer.alloc(4);
  disks.writeUInt32LE(1);
  return Buffer.concat([
    end,
    longs(members, members, sizeBytes, offset),
    locator,
    longs(offset + sizeBytes),
    disks,
    last,
  ]);
}

/**
 * Writes the fields that the local header and the directory have in common, from the version to the length of the extra
 * fields.
 */
function writeCommon(
  fields: Buffer,
  { path, sizeBytes, at, crcFollows }: ZipMember,
  crc: number,
  { isZip64, extraBytes }: { isZip64: boolean; extraBytes: number },
): void {
  fields.writeUInt16LE(isZip64 ? zip64Version : plainVersion, 0);
  fields.writeUInt16LE(utf8 | (crcFollows ? crcFollowsFlag : 0), 2);
  const time = new Date(at);
  fields.writeUInt16LE(
    (time.getUTCHours() << 11) | (time.getUTCMinutes() << 5) | (time.getUTCSeconds() >> 1),
    6,
  );
  const year = Math.max(0, time.getUTCFullYear() - 1980);
  fields.writeUInt16LE((year << 9) | ((time.getUTCMonth() + 1) << 5) | time.getUTCDate(), 8);
  fields.writeUInt32LE(crc, 10);
  fields.writeUInt32LE(Math.min(sizeBytes, max32), 14);
  fields.writeUInt32LE(Math.min(sizeBytes, max32), 18);
  fields.writeUInt16LE(Buffer.byteLength(path), 22);
  fields.writeUInt16LE(extraBytes, 24);
}

/** Writes the time in UTC as an extra field: the normal field has no time zone and a precision of two seconds. */
function writeTime(field: Buffer, { at }: ZipMember): void {
  field.writeUInt16LE(0x5455);
  field.writeUInt16LE(timeBytes - 4, 2);
  field.writeUInt8(1, 4);
  field.writeUInt32LE(Math.max(0, Math.floor(at / 1000)) % (max32 + 1), 5);
}

const noPlaces = Buffer.alloc(0);

function centralPlaces({ sizeBytes, offset }: ZipMember): Buffer {
  if (!isLarge(sizeBytes) && offset < max32) return noPlaces;
  return zip64Field(
    ...(isLarge(sizeBytes) ? [sizeBytes, sizeBytes] : []),
    ...(offset >= max32 ? [offset] : []),
  );
}

function zip64Field(...numbers: number[]): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(0x0001);
  head.writeUInt16LE(numbers.length * 8, 2);
  return Buffer.concat([head, longs(...numbers)]);
}

function longs(...values: number[]): Buffer {
  const written = Buffer.alloc(values.length * 8);
  values.forEach((value, index) => written.writeBigUInt64LE(BigInt(value), index * 8));
  return written;
}
