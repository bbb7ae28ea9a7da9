// Opens archives for `/files/<folder, sequence, request or prepared archive>`, and writes their lists.
import { listArchived, type FileList } from '@turnover/core/archives/archived-files';
import { CrcReader } from '@turnover/core/archives/crcs';
import { writeJsonList, writeLineList } from '@turnover/core/archives/file-lists';
import { planArchive } from '@turnover/core/archives/plan';
import { loadTarget, requireStillAllowed, type ArchiveTarget } from '@turnover/core/archives/targets';
import type { PersonContext } from '@turnover/core/context';
import { loadEntry } from '@turnover/core/entries/access';
import { HubError } from '@turnover/domain/errors';
import { isId } from '@turnover/domain/ids';
import type { TransferHub } from '../hub.ts';
import type { ByteSource } from '../send-file.ts';
import { ArchiveSource } from './archive-source.ts';

/** Of all archives that are sent at the same time. Each file takes about 400 bytes of memory. */
const maxFilesAtOnce = 500_000;

export type OpenArchive = {
  fileName: string;
  sizeBytes: number;
  etag: string;
  source: ByteSource;
  fileIds: string[];
};

export const listDocuments = {
  'list.json': { type: 'application/json', write: writeJsonList, suffix: '.json' },
  'list.txt': { type: 'text/plain; charset=utf-8', write: writeLineList, suffix: ' checksum-xxh128.txt' },
} as const;
export type ListDocument = keyof typeof listDocuments;

/** Whether the id is that of an archive rather than of a file. Throws like `loadEntry`. */
export function isArchive(ctx: PersonContext, id: string): boolean {
  if (isId('request', id) || isId('archive', id)) return true;
  return isId('entry', id) && loadEntry(ctx.db, ctx, id).kind !== 'file';
}

export class Archives {
  readonly #crcs: CrcReader;
  #files = 0;

  constructor({ ctx }: TransferHub) {
    this.#crcs = new CrcReader(ctx);
  }

  /** Throws what `listArchived` throws, and `unavailable` while too many others are sent. The caller closes the source. */
  async open(ctx: PersonContext, target: ArchiveTarget): Promise<OpenArchive> {
    const list = await this.#list(ctx, target);
    try {
      const plan = await planArchive(list);
      const source = new ArchiveSource(ctx, plan, this.#crcs);
      const { fileName, sizeBytes, etag } = plan;
      const close = () => {
        this.#files -= list.files.length;
        return source.close();
      };
      const fileIds = list.files.flatMap(({ fileId }) => fileId ?? []);
      return {
        fileName,
        sizeBytes,
        etag,
        fileIds,
        source: { read: (buffer, position) => source.read(buffer, position), close },
      };
    } catch (error) {
      this.#files -= list.files.length;
      throw error;
    }
  }

  /** Calls `send` with the list while its files count among those in memory. */
  async withList(
    ctx: PersonContext,
    target: ArchiveTarget,
    send: (list: FileList) => Promise<void>,
  ): Promise<void> {
    const list = await this.#list(ctx, target);
    try {
      await send(list);
    } finally {
      this.#files -= list.files.length;
    }
  }

  async #list(ctx: PersonContext, target: ArchiveTarget): Promise<FileList> {
    const list = await listArchived(ctx, target);
    const { length } = list.files;
    if (this.#files > 0 && this.#files + length > maxFilesAtOnce) {
      throw new HubError('unavailable', 'Too many downloads of many files at once. Try again in a moment.');
    }
    this.#files += length;
    return list;
  }
}

/** Throws unless the person may have it now. */
export function requireArchive(ctx: PersonContext, id: string, round: number | null): ArchiveTarget {
  const target = loadTarget(ctx, id, round);
  requireStillAllowed(ctx, target);
  return target;
}
