/** Lists the files of an archive with their checksums, for programs that download the files one by one. */
import { archiveUrlOf, type ListedFileView } from '@turnover/domain/archives/archives';
import { checksumLines } from '@turnover/domain/manifests/writing/checksum-lines';
import { checksumsOf } from '../assets/checksums.ts';
import { othersTurn } from '../batches.ts';
import type { Context } from '../context.ts';
import type { ArchivedFile } from './archived-file.ts';
import type { FileList } from './archived-files.ts';

type Pieces = AsyncGenerator<string, void, void>;
type Listed = Omit<ListedFileView, 'checksums'> & {
  checksums: (ListedFileView['checksums'][number] & { at: number })[];
};

const pageSize = 500;

/** Writes a JSON object with one file per line, so that programs can also read it line by line. */
export async function* writeJsonList(ctx: Context, { name, files }: FileList): Pieces {
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const count = files.filter(({ fileId }) => fileId !== null).length;
  const head = JSON.stringify({ name, count, sizeBytes });
  yield `${head.slice(0, -1)},"files":[\n`;
  let written = 0;
  for await (const page of pagesOf(ctx, files)) {
    const lines = page.map(({ path, sizeBytes, url, checksums }) => {
      const row: ListedFileView = {
        path,
        sizeBytes,
        url,
        checksums: checksums.map(({ algorithm, value }) => ({ algorithm, value })),
      };
      return `${JSON.stringify(row)}${++written < files.length ? ',' : ''}\n`;
    });
    yield lines.join('');
  }
  yield ']}\n';
}

/** Writes the format that `xxhsum -c` reads. Every stored file has an XXH128. */
export async function* writeLineList(ctx: Context, { files }: FileList): Pieces {
  const writer = checksumLines('xxh128');
  for await (const page of pagesOf(ctx, files)) yield page.map((file) => writer.file(file)).join('');
}

async function* pagesOf(
  { db }: Context,
  files: readonly ArchivedFile[],
): AsyncGenerator<Listed[], void, void> {
  for (let start = 0; start < files.length; start += pageSize) {
    if (start > 0) await othersTurn();
    const page = files.slice(start, start + pageSize);
    const known = checksumsOf(
      db,
      page.flatMap(({ assetId }) => assetId ?? []),
    );
    yield page.map(({ path, sizeBytes, fileId, assetId, isRemoved }) => ({
      path,
      sizeBytes,
      checksums: (known.get(assetId ?? '') ?? []).filter(({ source }) => source === 'computed'),
      url: fileId === null || isRemoved ? null : archiveUrlOf(fileId),
    }));
  }
}
