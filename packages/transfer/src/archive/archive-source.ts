// Reads the bytes of an archive from any start position. Reads several small files at once, and nothing before the position.
import { crc32 } from 'node:zlib';
import type { FileHandle } from 'node:fs/promises';
import { recordCrcs, type CrcReader } from '@turnover/core/archives/crcs';
import { memberAt, type ArchivePlan, type PlannedMember } from '@turnover/core/archives/plan';
import {
  centralRecord,
  centralRecordLength,
  descriptor,
  descriptorLength,
  endRecords,
  localHeader,
  localHeaderLength,
} from '@turnover/core/zip-format';
import { turns } from '@turnover/core/batches';
import type { Context } from '@turnover/core/context';
import type { ByteSource } from '../send-file.ts';

/** The bytes of a file, or a header. `crcOf`: the header holds the CRC of this member. */
type Piece =
  | { length: number; bytesOf: PlannedMember }
  | { length: number; crcOf: PlannedMember | null; make: (crc: number) => Buffer };
/** One read: a part of a piece, and the part of the buffer that it fills. */
type Part<Kind extends Piece> = { piece: Kind; from: number; into: Buffer };
type FilePart = Part<Extract<Piece, { bytesOf: PlannedMember }>>;
type HeaderPart = Part<Exclude<Piece, { bytesOf: PlannedMember }>>;

const filesAtOnce = 8;
const crcsPerWrite = 500;

export class ArchiveSource implements ByteSource {
  readonly #ctx: Context;
  readonly #plan: ArchivePlan;
  readonly #crcs: CrcReader;
  #pieces: Iterator<Piece, void, void>;
  #piece: Piece | void = undefined;
  /** Positions in the archive: the start of the current piece, and the next byte. */
  #pieceAt = -1;
  #position = -1;
  /** The open file whose remaining bytes belong into the next buffer. */
  #open: { assetId: string; file: FileHandle } | null = null;
  /** The CRC so far of a file that is sent from its beginning. */
  #soFar = { assetId: '', bytes: 0, crc: 0 };
  #learned = new Map<string, number>();
  #isClosed = false;

  constructor(ctx: Context, plan: ArchivePlan, crcs: CrcReader) {
    this.#ctx = ctx;
    this.#plan = plan;
    this.#crcs = crcs;
    this.#pieces = piecesOf(plan, 0);
  }

  async read(buffer: Buffer, position: number): Promise<number> {
    if (position !== this.#position) this.#seek(position);
    const headers: HeaderPart[] = [];
    const files: FilePart[] = [];
    const othersTurn = turns();
    let filled = 0;
    while (filled < buffer.length && this.#piece) {
      const piece = this.#piece;
      const from = this.#position - this.#pieceAt;
      const length = Math.min(piece.length - from, buffer.length - filled);
      const into = buffer.subarray(filled, filled + length);
      if ('bytesOf' in piece) files.push({ piece, from, into });
      else headers.push({ piece, from, into });
      filled += length;
      this.#position += length;
      if (from + length === piece.length) this.#next();
    }
    await this.#readFiles(files);
    for (const { piece, from, into } of files) this.#learn(piece.bytesOf, from, into);
    for (const { piece, from, into } of headers) {
      this.#requireOpen();
      const { crcOf, make } = piece;
      const crc = crcOf === null ? 0 : (crcOf.crc ?? (await this.#readCrc(crcOf)));
      make(crc).copy(into, 0, from);
      await othersTurn();
    }
    return filled;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#record();
    await this.#open?.file.close();
    this.#open = null;
  }

  /** Throws after `close`, so that a read that is still running opens no further file. */
  #requireOpen(): void {
    if (this.#isClosed) throw new Error('the archive was closed');
  }

  #seek(position: number): void {
    const first = memberAt(this.#plan, position);
    this.#pieces = piecesOf(this.#plan, first);
    this.#pieceAt = this.#plan.members[first]?.offset ?? this.#plan.directory.offset;
    this.#piece = this.#pieces.next().value;
    while (this.#piece && this.#pieceAt + this.#piece.length <= position) this.#next();
    this.#position = position;
  }

  #next(): void {
    this.#pieceAt += this.#piece!.length;
    this.#piece = this.#pieces.next().value;
  }

  async #readFiles(files: readonly FilePart[]): Promise<void> {
    const waiting = files.values();
    const work = async (): Promise<void> => {
      for (const { piece, from, into } of waiting) {
        this.#requireOpen();
        const { assetId, sizeBytes } = piece.bytesOf;
        await this.#readInto(assetId!, into, from, from + into.length === sizeBytes);
      }
    };
    await Promise.all(Array.from({ length: Math.min(filesAtOnce, files.length) }, work));
  }

  async #readInto(assetId: string, into: Buffer, from: number, isEnd: boolean): Promise<void> {
    const isOpen = this.#open?.assetId === assetId && from > 0;
    const file = isOpen ? this.#open!.file : await this.#ctx.storage.openAsset(assetId);
    if (isOpen) this.#open = null;
    try {
      for (let at = 0; at < into.length;) {
        const { bytesRead } = await file.read(into, at, into.length - at, from + at);
        if (bytesRead === 0) throw new Error('the file is shorter than its record says');
        at += bytesRead;
      }
    } catch (error) {
      await file.close();
      throw error;
    }
    if (isEnd || this.#isClosed) await file.close();
    else this.#open = { assetId, file };
  }

  #learn(member: PlannedMember, from: number, bytes: Buffer): void {
    const { assetId, sizeBytes, crc } = member;
    if (crc !== null) return;
    const { assetId: id, bytes: before, crc: earlier } = this.#soFar;
    const isContinued = id === assetId && before === from;
    if (from > 0 && !isContinued) return;
    const now = crc32(bytes, from > 0 ? earlier : 0);
    this.#soFar = { assetId: assetId!, bytes: from + bytes.length, crc: now };
    if (this.#soFar.bytes === sizeBytes) this.#keep(member, now);
  }

  async #readCrc(member: PlannedMember): Promise<number> {
    const { assetId, sizeBytes } = member;
    const crc = sizeBytes === 0 ? 0 : await this.#crcs.of(assetId!, sizeBytes);
    member.crc = crc;
    return crc;
  }

  #keep(member: PlannedMember, crc: number): void {
    member.crc = crc;
    this.#learned.set(member.assetId!, crc);
    if (this.#learned.size >= crcsPerWrite) this.#record();
  }

  #record(): void {
    recordCrcs(this.#ctx, this.#learned);
    this.#learned = new Map();
  }
}

/** Returns the pieces from this member on, including the directory. */
function* piecesOf(plan: ArchivePlan, first: number): Generator<Piece, void, void> {
  const { members, directory } = plan;
  for (let index = first; index < members.length; index++) {
    const member = members[index]!;
    const { sizeBytes, crcFollows } = member;
    const crcOf = crcFollows ? null : member;
    yield { length: localHeaderLength(member), crcOf, make: (crc) => localHeader(member, crc) };
    if (sizeBytes > 0) yield { length: sizeBytes, bytesOf: member };
    if (!crcFollows) continue;
    yield { length: descriptorLength(member), crcOf: member, make: (crc) => descriptor(member, crc) };
  }
  for (const member of members) {
    yield { length: centralRecordLength(member), crcOf: member, make: (crc) => centralRecord(member, crc) };
  }
  const end = endRecords(directory);
  yield { length: end.length, crcOf: null, make: () => end };
}
