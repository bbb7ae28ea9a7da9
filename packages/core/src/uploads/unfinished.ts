/** Lists everybody's unfinished uploads for owners of the hub: who reserves how much and where, but no file names. */
import { and, asc, desc, eq, sql } from 'drizzle-orm';
import type { z } from 'zod';
import { users } from '@turnover/db/schema/accounts';
import { memberships, projects } from '@turnover/db/schema/projects';
import { uploads } from '@turnover/db/schema/uploads';
import type {
  discardedView,
  discardUnfinishedInput,
  listUnfinishedInput,
  UnfinishedListView,
  UnfinishedView,
} from '@turnover/domain/workspace/uploads';
import { HubError } from '@turnover/domain/errors';
import type { PersonContext } from '../context.ts';
import { inList } from '../in-list.ts';
import { availableSpace } from './space.ts';
import { discardUpload } from './uploads.ts';

/** Sorts by reserved bytes, then by missing bytes, largest first. */
export async function listUnfinished(
  ctx: PersonContext,
  { offset, limit }: z.output<typeof listUnfinishedInput>,
): Promise<UnfinishedListView> {
  const reserved = reservedNow(ctx.clock());
  const { missing } = columns;
  const rows = ctx.db
    .select({
      upload: uploads,
      by: { id: users.id, name: users.name, email: users.email },
      project: { id: projects.id, name: projects.name },
      reservedBytes: reserved,
    })
    .from(uploads)
    .innerJoin(users, eq(users.id, uploads.userId))
    .innerJoin(projects, eq(projects.id, uploads.projectId))
    .where(eq(uploads.status, 'uploading'))
    .orderBy(desc(reserved), desc(missing), asc(uploads.id))
    .limit(limit)
    .offset(offset)
    .all();
  const total = ctx.db
    .select({
      uploads: sql<number>`count(*)`,
      sentBytes: sql<number>`coalesce(sum(${uploads.durableOffset}), 0)`,
      reservedBytes: sql<number>`coalesce(sum(${reserved}), 0)`,
    })
    .from(uploads)
    .innerJoin(users, eq(users.id, uploads.userId))
    .where(eq(uploads.status, 'uploading'))
    .get()!;
  return { uploads: rows.map(toView), total, availableBytes: await availableSpace(ctx) };
}

/** Discards these uploads, and skips those that have ended in the meantime. */
export async function discardUnfinished(
  ctx: PersonContext,
  { uploadIds }: z.infer<typeof discardUnfinishedInput>,
): Promise<z.infer<typeof discardedView>> {
  const rows = ctx.db
    .select()
    .from(uploads)
    .where(and(eq(uploads.status, 'uploading'), inList(uploads.id, uploadIds)))
    .all();
  let discarded = 0;
  for (const upload of rows) {
    try {
      await discardUpload(ctx, upload);
      discarded++;
    } catch (error) {
      if (!(error instanceof HubError) || error.code !== 'conflict') throw error;
    }
  }
  return { discarded };
}

const columns = { missing: sql<number>`${uploads.sizeBytes} - ${uploads.durableOffset}` };

/** The bytes that an upload reserves, counted as in `requireSpace`. */
function reservedNow(now: number) {
  return sql<number>`case when ${uploads.reservedUntil} > ${now} and ${users.disabledAt} is null and exists (
    select 1 from ${memberships}
    where ${memberships.projectId} = ${uploads.projectId} and ${memberships.userId} = ${uploads.userId}
  ) then ${columns.missing} else 0 end`;
}

type Row = Pick<UnfinishedView, 'by' | 'project' | 'reservedBytes'> & { upload: typeof uploads.$inferSelect };

function toView({ upload, by, project, reservedBytes }: Row): UnfinishedView {
  return {
    id: upload.id,
    by,
    project,
    reservedBytes,
    place: upload.requestId ? 'request' : 'workspace',
    sizeBytes: upload.sizeBytes,
    sentBytes: upload.durableOffset,
    reservedUntil: reservedBytes > 0 ? upload.reservedUntil : null,
    startedAt: upload.createdAt,
    lastByteAt: upload.durableOffset > 0 ? upload.updatedAt : null,
  };
}
