/**
 * The bytes that count against the limit of a project or a Workspace. Stored bytes count once for each asset, including
 * versions, trash and quarantined bytes until they are freed. An unfinished upload counts with its full size while its space
 * is reserved, afterwards with the bytes that have arrived.
 */
import { and, eq, inArray, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { spaceUsed } from '@turnover/db/schema/assets';
import { entries } from '@turnover/db/schema/entries';
import { memberships, projects } from '@turnover/db/schema/projects';
import { uploads } from '@turnover/db/schema/uploads';
import type { Holding, Holdings } from '@turnover/domain/workspace/upload-space';
import type { Upload } from '../access.ts';

/** `ownerId`: the owner of the Workspace; null for a request, which counts only against its project. */
export type Holder = { projectId: string; ownerId: string | null };

/**
 * The limits of a place and the bytes that count against them; null for a limit that is not set. Counts only where a limit is
 * set.
 */
export function holdingsOf(db: Reader, now: number, holder: Holder): Holdings {
  const { project, workspace } = maximaOf(db, holder);
  if (project === null && workspace === null) return { heldByProject: null, heldByWorkspace: null };
  const used = usedBytes(db, now, holder);
  return {
    heldByProject: limited(used.project, project),
    heldByWorkspace: limited(used.workspace, workspace),
  };
}

function limited(usedBytes: number, maxBytes: number | null): Holding | null {
  return maxBytes === null ? null : { usedBytes, maxBytes };
}

function maximaOf(db: Reader, { projectId, ownerId }: Holder) {
  const own = and(eq(memberships.projectId, projects.id), eq(memberships.userId, ownerId ?? ''));
  const found = db
    .select({
      project: projects.maxBytes,
      workspace: sql<
        number | null
      >`coalesce(${memberships.maxWorkspaceBytes}, ${projects.maxWorkspaceBytes})`,
    })
    .from(projects)
    .leftJoin(memberships, own)
    .where(eq(projects.id, projectId))
    .get();
  return { project: found?.project ?? null, workspace: ownerId === null ? null : (found?.workspace ?? null) };
}

/** The project and Workspace that an upload counts against. A folder counts for its owner, who may be another person. */
export function holderOf(
  db: Reader,
  { projectId, requestId, folderId, userId }: Pick<Upload, 'projectId' | 'requestId' | 'folderId' | 'userId'>,
): Holder {
  if (requestId !== null) return { projectId, ownerId: null };
  const folder =
    folderId === null ? undefined : db.select().from(entries).where(eq(entries.id, folderId)).get();
  return { projectId, ownerId: folder?.ownerId ?? userId };
}

/** Stored bytes and unfinished uploads of the project, and of one Workspace in it. */
export function usedBytes(
  db: Reader,
  now: number,
  { projectId, ownerId }: Holder,
): { project: number; workspace: number } {
  const stored = db
    .select()
    .from(spaceUsed)
    .where(and(eq(spaceUsed.projectId, projectId), inArray(spaceUsed.ownerId, ['', ownerId ?? ''])))
    .all();
  const storedOf = (holder: string) => stored.find((each) => each.ownerId === holder)?.bytes ?? 0;
  const arriving = arrivingBytes(db, now, { projectId, ownerId });
  return {
    project: storedOf('') + arriving.project,
    workspace: ownerId === null ? 0 : storedOf(ownerId) + arriving.workspace,
  };
}

function arrivingBytes(db: Reader, now: number, { projectId, ownerId }: Holder) {
  const takes = sql`case when ${uploads.reservedUntil} > ${now} then ${uploads.sizeBytes} else ${uploads.durableOffset} end`;
  const goesThere = sql`${uploads.requestId} is null and coalesce(${entries.ownerId}, ${uploads.userId}) = ${ownerId ?? ''}`;
  return db
    .select({
      project: sql<number>`coalesce(sum(${takes}), 0)`,
      workspace: sql<number>`coalesce(sum(case when ${goesThere} then ${takes} else 0 end), 0)`,
    })
    .from(uploads)
    .leftJoin(entries, eq(entries.id, uploads.folderId))
    .where(and(eq(uploads.status, 'uploading'), eq(uploads.projectId, projectId)))
    .get()!;
}
