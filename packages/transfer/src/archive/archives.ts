// Opens archives for `/files/<folder, sequence, request or prepared archive>`, and writes their lists.
import { listArchived, type FileList } from '@turnover/core/archives/archived-files';
import { CrcReader } from '@turnover/core/archives/crcs';
import { writeJsonList, writeLineList } from '@turnover/core/archives/file-lists';
import { planArchive } from '@turnover/core/archives/plan';
import { loadTarget, requireStillAllowed, type ArchiveTarget } from '@turnover/core/archives/targets';
import type { PersonContext } from '@turnover/core/context';
import { loadEntry } from '@turnover/core/entries/access';
import { isId } from '@turnover/domain/ids';
import type { TransferHub } from '../hub.ts';
import type { ByteSource } from '../send-file.ts';
import { ArchiveSource } from './archive-source.ts';
import { ListBudget, type HeldList } from './list-budget.ts';

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

/** Returns true when the id is that of an archive rather than of a file. Throws the errors of `loadEntry`. */
export function isArchive(ctx: PersonContext, id: string): boolean {
  if (isId('request', id) || isId('archive', id)) return true;
  return isId('entry', id) && loadEntry(ctx.db, ctx, id).kind !== 'file';
}

export class Archives {
  readonly #crcs: CrcReader;
  readonly #budget = new ListBudget();

  constructor({ ctx }: TransferHub) {
    this.#crcs = new CrcReader(ctx);
  }

  /** Opens an archive. Throws the errors of `ListBudget.take` and `listArchived`. The caller closes the source. */
  async open(ctx: PersonContext, target: ArchiveTarget): Promise<OpenArchive> {
    const { list, release } = await this.#list(ctx, target);
    try {
      const plan = await planArchive(list);
      const source = new ArchiveSource(ctx, plan, this.#crcs);
      const { fileName, sizeBytes, etag } = plan;
      const close = () => {
        release();
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
      release();
      throw error;
    }
  }

  /** Calls `send` with the list. Meanwhile its files count as held in memory. */
  async withList(
    ctx: PersonContext,
    target: ArchiveTarget,
    send: (list: FileList) => Promise<void>,
  ): Promise<void> {
    const { list, release } = await this.#list(ctx, target);
    try {
      await send(list);
    } finally {
      release();
    }
  }

  #list(ctx: PersonContext, target: ArchiveTarget): Promise<HeldList> {
    return this.#budget.take(ctx.person.id, (most) => listArchived(ctx, target, most));
  }
}

/** Throws unless the person may download the archive now. */
export function requireArchive(ctx: PersonContext, id: string, round: number | null): ArchiveTarget {
  const target = loadTarget(ctx, id, round);
  requireStillAllowed(ctx, target);
  return target;
}
