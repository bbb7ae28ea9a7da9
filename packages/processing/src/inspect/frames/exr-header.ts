/** The attributes in the header of an OpenEXR file, for each of its parts. */
import type { Source } from '../source.ts';

export type Attribute = { type: string; value: Buffer };
export type ExrPart = ReadonlyMap<string, Attribute>;

export type ExrHeader = {
  parts: ExrPart[];
  isTiled: boolean;
  isMultiPart: boolean;
  isDeep: boolean;
  /** Position of the first offset table. */
  endsAt: number;
};

const maxParts = 64;
const maxAttributes = 512;
const maxNameBytes = 255;
/** Larger values, such as previews, are skipped. */
const maxValueBytes = 64 * 1024;

/** Returns null when the header is damaged, and `cut` when the file ends within it. */
export function readExrHeader(source: Source): ExrHeader | null | 'cut' {
  const beginning = source.read(0, 8);
  if (beginning.length < 8) return 'cut';
  const flags = beginning.readUInt32LE(4);
  if ((flags & 0xff) !== 2) return null;
  const isMultiPart = (flags & 0x1000) !== 0;
  const reader = new HeaderReader(source, 8);
  const parts: ExrPart[] = [];
  try {
    while (parts.length < maxParts) {
      const part = reader.part();
      // An empty header ends the list of parts.
      if (isMultiPart && part.size === 0) break;
      parts.push(part);
      if (!isMultiPart) break;
    }
  } catch (error) {
    if (error === cut) return 'cut';
    if (error === damaged) return null;
    throw error;
  }
  return {
    parts,
    isTiled: (flags & 0x200) !== 0,
    isMultiPart,
    isDeep: (flags & 0x800) !== 0,
    endsAt: reader.at,
  };
}

const cut = new Error('The file ends within the header.');
const damaged = new Error('The header is damaged.');
const windowBytes = 64 * 1024;

/** Reads the header in windows, so that one with large values does not cost a read per attribute. */
class HeaderReader {
  #window: Buffer = Buffer.alloc(0);
  #from = 0;
  readonly #source: Source;
  at: number;

  constructor(source: Source, at: number) {
    this.#source = source;
    this.at = at;
  }

  part(): ExrPart {
    const attributes = new Map<string, Attribute>();
    for (;;) {
      const name = this.#name();
      if (name === '') return attributes;
      if (attributes.size === maxAttributes) throw damaged;
      const type = this.#name();
      const size = this.#bytes(4).readInt32LE(0);
      if (size < 0) throw damaged;
      if (this.at + size > this.#source.sizeBytes) throw cut;
      // A copy, because the window is overwritten.
      if (size <= maxValueBytes) attributes.set(name, { type, value: Buffer.from(this.#bytes(size)) });
      else this.at += size;
    }
  }

  #name(): string {
    const available = this.#peek(maxNameBytes + 1);
    const end = available.indexOf(0);
    if (end === -1) throw available.length <= maxNameBytes ? cut : damaged;
    this.at += end + 1;
    return available.toString('latin1', 0, end);
  }

  #bytes(length: number): Buffer {
    const bytes = this.#peek(length);
    if (bytes.length < length) throw cut;
    this.at += length;
    return bytes;
  }

  #peek(length: number): Buffer {
    const offset = this.at - this.#from;
    if (offset < 0 || offset + length > this.#window.length) {
      this.#from = this.at;
      this.#window = this.#source.read(this.at, Math.max(length, windowBytes));
      return this.#window.subarray(0, length);
    }
    return this.#window.subarray(offset, offset + length);
  }
}
