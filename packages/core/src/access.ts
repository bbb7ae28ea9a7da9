/** Loads projects, requests and delivered files for a person. Checks the permission, and hides what the person may not see. */
import { and, eq, or } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import type { entries } from '@turnover/db/schema/entries';
import { memberships, projects } from '@turnover/db/schema/projects';
import { deliveredFiles, requestAssignees, requests } from '@turnover/db/schema/requests';
import type { uploads } from '@turnover/db/schema/uploads';
import { HubError, notFound } from '@turnover/domain/errors';
import { decide, reachOf, type Permission, type Relation } from '@turnover/domain/people/permissions';
import type { Role } from '@turnover/domain/people/projects';
import type { Person } from './context.ts';

export type Project = typeof projects.$inferSelect;
export type DeliveryRequest = typeof requests.$inferSelect;
export type DeliveredFile = typeof deliveredFiles.$inferSelect;
export type Entry = typeof entries.$inferSelect;
export type Upload = typeof uploads.$inferSelect;

/** The person's role in the project; null when they are not a member. */
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

/** Throws like `requirePermission`. */
export function loadProject(db: Reader, person: Person, projectId: string, permission: Permission): Project {
  const project = db.select().from(projects).where(eq(projects.id, projectId)).get();
  if (!project) throw notFound();
  requirePermission(permission, { role: roleIn(db, person, projectId), isOwner: person.isOwner });
  return project;
}

/** Throws like `requirePermission`. */
export function loadRequest(
  db: Reader,
  person: Person,
  requestId: string,
  permission: Permission,
): DeliveryRequest {
  const request = db.select().from(requests).where(eq(requests.id, requestId)).get();
  if (!request) throw notFound();
  requirePermission(permission, relationTo(db, person, request));
  return request;
}

/** A delivered file with its request. Removed files are included. Throws like `requirePermission`. */
export function loadDeliveredFile(
  db: Reader,
  person: Person,
  fileId: string,
  permission: Permission,
): { file: DeliveredFile; request: DeliveryRequest } {
  const row = db
    .select({ file: deliveredFiles, request: requests })
    .from(deliveredFiles)
    .innerJoin(requests, eq(requests.id, deliveredFiles.requestId))
    .where(eq(deliveredFiles.id, fileId))
    .get();
  if (!row) throw notFound();
  const deliveredIt = row.file.deliveredBy === person.id;
  requirePermission(permission, { ...relationTo(db, person, row.request), deliveredIt });
  return row;
}

/** True for uploaders and for people who are not members: they never see files that somebody else delivered. */
export function seesOwnFilesOnly(db: Reader, person: Person, projectId: string): boolean {
  const role = roleIn(db, person, projectId);
  return role === null || reachOf(role, 'file:view') === 'own';
}

/** The person's relation to a request: their role, and whether the request is assigned to them or to their company. */
export function relationTo(
  db: Reader,
  person: Person,
  request: Pick<DeliveryRequest, 'id' | 'projectId'>,
): Relation {
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

/**
 * Throws unless the permission is granted: `not_found` when the person may not even see the thing, `forbidden` when
 * they may see it but not do this.
 */
export function requirePermission(permission: Permission, relation: Relation): void {
  const verdict = decide(permission, relation);
  if (verdict === 'hidden') throw notFound();
  if (verdict === 'forbidden') {
    throw new HubError('forbidden', 'Your role in this project does not include that.', { permission });
  }
}
