/** Prepares archives: keeps a selection for some days, so that its ZIP has an address and can be continued. */
import { and, eq, lt, sql, sum } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { archives } from '@turnover/db/schema/archives';
import { entries } from '@turnover/db/schema/entries';
import { inTransaction } from '@turnover/db/transaction';
import { archiveKeptDays, archiveUrlOf, type ArchiveView } from '@turnover/domain/archives/archives';
import { dayMs } from '@turnover/domain/days';
import { HubError } from '@turnover/domain/errors';
import type { FileSelection } from '@turnover/domain/requests/files';
import type { EntrySelection } from '@turnover/domain/workspace/entries';
import type { DeliveryRequest } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { inList } from '../in-list.ts';
import { selectedFiles, sumFiles } from '../requests/files/remove.ts';
import { writeQuietly } from '../write-gate.ts';
import { archiveName, requireSelected, type ArchiveTarget } from './targets.ts';

/** The most prepared archives per person. Beyond it, the least recently used ones are deleted. */
const keptPerPerson = 100;

/** Prepares an archive of entries. Throws `not_found` when nothing is selected, or an entry that the person may not see. */
export function archiveEntries(
  ctx: PersonContext,
  projectId: string,
  selection: EntrySelection,
): ArchiveView {
  const target: ArchiveTarget = { kind: 'entries', projectId, selection };
  const rootIds = requireSelected(ctx, target);
  const { files, sizeBytes } = ctx.db
    .select({
      files: sum(entries.fileCount).mapWith(Number),
      sizeBytes: sum(entries.sizeBytes).mapWith(Number),
    })
    .from(entries)
    .where(inList(entries.id, rootIds))
    .get()!;
  const name = archiveName(ctx, target, rootIds);
  return keep(ctx, { projectId, requestId: null, selection }, { name, files, sizeBytes });
}

/** Prepares an archive of delivered files. Throws `request_empty` when none of the selected files is present. */
export function archiveFiles(
  ctx: PersonContext,
  { id: requestId, projectId, name }: DeliveryRequest,
  selection: FileSelection,
): ArchiveView {
  const { files, bytes: sizeBytes } = sumFiles(ctx.db, selectedFiles(requestId, selection)).total;
  if (files === 0) throw new HubError('request_empty', 'This request has no files.');
  return keep(ctx, { projectId, requestId, selection }, { name, files, sizeBytes });
}

const usesNotedEveryMs = 3600_000;

/** Records that a download begins, so that the archive stays as long as the download may be resumed. */
export function noteArchiveUsed(ctx: PersonContext, id: string): void {
  const now = ctx.clock();
  const isDue = and(eq(archives.id, id), lt(archives.usedAt, now - usesNotedEveryMs));
  writeQuietly(ctx, 'archive.used', (tx) => void tx.update(archives).set({ usedAt: now }).where(isDue).run());
}

type Kept = Pick<typeof archives.$inferInsert, 'projectId' | 'requestId' | 'selection'>;

function keep(
  ctx: PersonContext,
  what: Kept,
  { name, ...sums }: { name: string; files: number; sizeBytes: number },
): ArchiveView {
  const id = ctx.newId('archive');
  inTransaction(ctx.db, (tx) => {
    dropOld(tx, ctx);
    tx.insert(archives)
      .values({ id, userId: ctx.person.id, usedAt: ctx.clock(), ...what })
      .run();
  });
  const url = archiveUrlOf(id);
  return { url, listUrl: `${url}/list.json`, name: `${name}.zip`, ...sums };
}

function dropOld(tx: Transaction, ctx: PersonContext): void {
  tx.delete(archives)
    .where(lt(archives.usedAt, ctx.clock() - archiveKeptDays * dayMs))
    .run();
  const older = sql`(
    select id from archives where user_id = ${ctx.person.id} order by used_at desc, id desc limit -1 offset ${keptPerPerson - 1}
  )`;
  tx.delete(archives)
    .where(sql`${archives.id} in ${older}`)
    .run();
}
