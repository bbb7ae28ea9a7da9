/** Lists the files of an archive as they are at one moment. */
import { createHash } from 'node:crypto';
import type { Reader } from '@turnover/db/open';
import { inSnapshot } from '@turnover/db/snapshot';
import { maxArchivedFiles } from '@turnover/domain/archives/archives';
import { HubError } from '@turnover/domain/errors';
import { turns } from '../batches.ts';
import type { PersonContext } from '../context.ts';
import type { ArchivedFile } from './archived-file.ts';
import { filesOfRequest } from './delivered-files.ts';
import { filesOfEntries } from './entry-files.ts';
import { archiveName, requireRequest, requireSelected, type ArchiveTarget } from './targets.ts';

export type FileList = {
  /** The name of the ZIP, without its extension. */
  name: string;
  files: ArchivedFile[];
  /** Identifies the list: other files, paths or times give another tag. */
  tag: string;
};

/**
 * Reads everything from one snapshot, so that a file that is moved meanwhile appears exactly once. Throws `still_verifying`
 * when a file has no checksum yet, `request_empty` for a request without files, and `too_large` when an archive cannot hold
 * the files.
 */
export async function listArchived(
  ctx: PersonContext,
  target: ArchiveTarget,
  most = maxArchivedFiles,
): Promise<FileList> {
  return inSnapshot(ctx.db, async (db) => {
    const then = { ...ctx, db };
    const rootIds = target.kind === 'entries' ? requireSelected(then, target) : [];
    if (target.kind === 'files') requireRequest(then, target);
    const found =
      target.kind === 'entries' ? filesOfEntries(db, rootIds) : filesOfRequest(db as Reader, target);
    const { files, tag } = await collect(found, most);
    if (files.length === 0) throw new HubError('request_empty', 'This request has no files.');
    return { name: archiveName(then, target, rootIds), files, tag };
  });
}

async function collect(
  found: Iterable<ArchivedFile>,
  most: number,
): Promise<{ files: ArchivedFile[]; tag: string }> {
  const files: ArchivedFile[] = [];
  const hash = createHash('sha256');
  const othersTurn = turns();
  let verifying = 0;
  for (const file of found) {
    if (file.state === 'verifying') verifying++;
    else if (file.state !== 'stored') {
      throw new HubError('unavailable', 'The hub no longer has all of these files.', { isKept: false });
    }
    if (files.length >= most) {
      throw new HubError(
        'too_large',
        `One archive holds at most ${most} files. Download its folders one by one.`,
        {
          mostFiles: most,
        },
      );
    }
    files.push(file);
    hash.update(`${file.path}\0${file.assetId}\0${file.sizeBytes}\0${file.at}\n`);
    if (files.length % 64 === 0) await othersTurn();
  }
  if (verifying > 0) {
    throw new HubError('still_verifying', 'Some files are still being verified. Try again in a moment.', {
      count: verifying,
    });
  }
  return { files, tag: hash.digest('base64url').slice(0, 32) };
}
