/** Writes a ZIP whose files are stored as they are: sizes and CRCs are known before, so readers of any age can open it. */
type ZippedFile = { name: string; sizeBytes: number; crc: number; at: number };

/** Bit 11: names are UTF-8. */
const flags = 0x0800;
const version = 20;

/** Send what `begin` returns, then the bytes of that file; send what `end` returns after the last. */
export function storedZip() {
  const central: Buffer[] = [];
  let offset = 0;
  return {
    begin(file: ZippedFile): Uint8Array {
      const name = Buffer.from(file.name);
      const common = commonFields(file, name);
      const local = Buffer.alloc(4);
      local.writeUInt32LE(0x04034b50);
      const entry = Buffer.alloc(6);
      entry.writeUInt32LE(0x02014b50);
      entry.writeUInt16LE(version, 4);
      const place = Buffer.alloc(14);
      place.writeUInt32LE(offset, 10);
      central.push(entry, common, place, name);
      const header = Buffer.concat([local, common, name]);
      offset += header.length + file.sizeBytes;
      return header;
    },
    end(): Uint8Array {
      const directory = Buffer.concat(central);
      const files = central.length / 4;
      const last = Buffer.alloc(22);
      last.writeUInt32LE(0x06054b50);
      last.writeUInt16LE(files, 8);
      last.writeUInt16LE(files, 10);
      last.writeUInt32LE(directory.length, 12);
      last.writeUInt32LE(offset, 16);
      return Buffer.concat([directory, last]);
    },
  };
}

/** The fields that the local header and the directory share, from the version to the length of extra fields. */
function commonFields({ sizeBytes, crc, at }: ZippedFile, name: Buffer): Buffer {
  const time = new Date(at);
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(version, 0);
  fields.writeUInt16LE(flags, 2);
  fields.writeUInt16LE(
    (time.getUTCHours() << 11) | (time.getUTCMinutes() << 5) | (time.getUTCSeconds() >> 1),
    6,
  );
  const year = Math.max(0, time.getUTCFullYear() - 1980);
  fields.writeUInt16LE((year << 9) | ((time.getUTCMonth() + 1) << 5) | time.getUTCDate(), 8);
  fields.writeUInt32LE(crc, 10);
  fields.writeUInt32LE(sizeBytes, 14);
  fields.writeUInt32LE(sizeBytes, 18);
  fields.writeUInt16LE(name.length, 22);
  return fields;
}
