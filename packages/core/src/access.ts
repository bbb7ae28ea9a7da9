/** The one place that loads a thing for somebody: it checks the permission and hides what is not theirs. */
import { and, eq, or, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { entries } from '@turnover/db/schema/entries';
import { memberships, projects } from '@turnover/db/schema/projects';
import { deliveredFiles, requestAssignees, requests } from '@turnover/db/schema/requests';
import { uploads } from '@turnover/db/schema/uploads';
import { HubError, notFound } from '@turnover/domain/errors';
import { decide, type Permission, type Standing } from '@turnover/domain/permissions';
import type { Role } from '@turnover/domain/projects';
import type { Person } from './context.ts';

export type Project = typeof projects.$inferSelect;
export type Request = typeof requests.$inferSelect;
export type DeliveredFile = typeof deliveredFiles.$inferSelect;
export type Entry = typeof entries.$inferSelect;
export type Upload = typeof uploads.$inferSelect;

export function roleIn(db: Reader, person: Person, projectId: string): Role | null {
  return (
    db
      .select({ role: memberships.role })
      .from(memberships)
      .where(and(eq(memberships.projectId, projectId), eq(memberships.userId, person.id)))
      .get()?.role ?? null
  );
}

export function requireOwner(person: Person): void {
  if (!person.isOwner) throw new HubError('forbidden', 'Only an owner of this hub can do that.');
}

export function loadProject(db: Reader, person: Person, projectId: string, permission: Permission): Project {
  const project = db.select().from(projects).where(eq(projects.id, projectId)).get();
  if (!project) throw notFound();
  require(permission, { role: roleIn(db, person, projectId), isOwner: person.isOwner });
  return project;
}

export function loadRequest(db: Reader, person: Person, requestId: string, permission: Permission): Request {
  const request = db.select().from(requests).where(eq(requests.id, requestId)).get();
  if (!request) throw notFound();
  require(permission, standingTo(db, person, request));
  return request;
}

export function loadDeliveredFile(
  db: Reader,
  person: Person,
  fileId: string,
  permission: Permission,
): { file: DeliveredFile; request: Request } {
  const row = db
    .select({ file: deliveredFiles, request: requests })
    .from(deliveredFiles)
    .innerJoin(requests, eq(requests.id, deliveredFiles.requestId))
    .where(eq(deliveredFiles.id, fileId))
    .get();
  if (!row) throw notFound();
  const deliveredIt = row.file.deliveredBy === person.id;
  require(permission, { ...standingTo(db, person, row.request), deliveredIt });
  return row;
}

/** An entry of the person's own Workspace, not in the trash unless asked for. */
export function loadEntry(
  db: Reader,
  person: Person,
  entryId: string,
  where: 'kept' | 'trashed' = 'kept',
): Entry {
  const entry = db.select().from(entries).where(eq(entries.id, entryId)).get();
  if (!entry || entry.ownerId !== person.id) throw notFound();
  require('workspace:use', { role: roleIn(db, person, entry.projectId), isOwner: false });
  if (where === 'trashed' ? entry.deletedAt === null : isInTrash(db, entry)) throw notFound();
  return entry;
}

/** The person's own upload, to go on with it; whoever lost the target meanwhile lost the upload with it. */
export function loadUpload(db: Reader, person: Person, uploadId: string): Upload {
  const upload = db.select().from(uploads).where(eq(uploads.id, uploadId)).get();
  if (!upload || upload.userId !== person.id) throw notFound();
  requireUploadTarget(db, person, upload);
  return upload;
}

/** To discard it: its uploader, and in a request whoever may submit it (product.md, the life of a request). */
export function loadUploadToDiscard(db: Reader, person: Person, uploadId: string): Upload {
  const upload = db.select().from(uploads).where(eq(uploads.id, uploadId)).get();
  if (!upload) throw notFound();
  if (upload.userId === person.id) {
    if (roleIn(db, person, upload.projectId) === null) throw notFound();
    return upload;
  }
  if (!upload.requestId) throw notFound();
  loadRequest(db, person, upload.requestId, 'file:clear');
  return upload;
}

export function requireUploadTarget(
  db: Reader,
  person: Person,
  target: Pick<Upload, 'projectId' | 'requestId' | 'folderId'>,
): void {
  if (target.requestId) loadRequest(db, person, target.requestId, 'file:add');
  else loadProject(db, person, target.projectId, 'workspace:use');
}

/** How the person stands to a request: role, and whether it is assigned to them or to their company. */
export function standingTo(db: Reader, person: Person, request: Pick<Request, 'id' | 'projectId'>): Standing {
  const role = roleIn(db, person, request.projectId);
  return { role, isOwner: false, assigned: role !== null && isAssigned(db, person, request.id) };
}

function isAssigned(db: Reader, person: Person, requestId: string): boolean {
  const mine = eq(requestAssignees.userId, person.id);
  const ours = person.companyId ? eq(requestAssignees.companyId, person.companyId) : undefined;
  return (
    db
      .select({ id: requestAssignees.id })
      .from(requestAssignees)
      .where(and(eq(requestAssignees.requestId, requestId), or(mine, ours)))
      .get() !== undefined
  );
}

/** By itself or with a folder above it. One statement: folders may be 250 deep. */
function isInTrash(db: Reader, { id }: Entry): boolean {
  const trashed = db.get(sql`
    with recursive above(parent_id, deleted_at) as (
      select parent_id, deleted_at from entries where id = ${id}
      union all
      select parent.parent_id, parent.deleted_at
      from above join entries as parent on parent.id = above.parent_id
    )
    select 1 from above where deleted_at is not null limit 1`);
  return trashed !== undefined;
}

function require(permission: Permission, standing: Standing): void {
  const verdict = decide(permission, standing);
  if (verdict === 'hidden') throw notFound();
  if (verdict === 'forbidden') {
    throw new HubError('forbidden', 'Your role in this project does not include that.', { permission });
  }
}
