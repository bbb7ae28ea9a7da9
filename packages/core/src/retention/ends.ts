/** When a person's Workspace in a project ends. */
import { and, desc, eq, max } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { projects } from '@turnover/db/schema/projects';
import { retentionExtensions } from '@turnover/db/schema/retention';
import { expiryOf, type ExtensionView, type RetentionView } from '@turnover/domain/workspace/retention';
import type { Project } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { viewPeople } from '../people/person-view.ts';

export type Extension = typeof retentionExtensions.$inferSelect;

/** When undelivered files expire, in epoch milliseconds; null when they never do. */
export function expiresAtOf(db: Reader, projectId: string, userId: string): number | null {
  const project = db.select().from(projects).where(eq(projects.id, projectId)).get();
  return project ? expiryOf(project, extendedUntil(db, projectId, userId)) : null;
}

/** The retention of the person's own Workspace. */
export function getRetention(ctx: PersonContext, project: Project): RetentionView {
  const userId = ctx.person.id;
  const { launchAt, retentionDays } = project;
  const latest = ctx.db
    .select()
    .from(retentionExtensions)
    .where(ofPerson(project.id, userId))
    .orderBy(desc(retentionExtensions.id))
    .limit(1)
    .get();
  return {
    launchAt,
    retentionDays,
    expiresAt: expiresAtOf(ctx.db, project.id, userId),
    extension: latest ? viewExtensions(ctx.db, [latest])[0]! : null,
  };
}

export function viewExtensions(db: Reader, extensions: readonly Extension[]): ExtensionView[] {
  const people = viewPeople(
    db,
    extensions.flatMap(({ userId, decidedBy }) => [userId, ...(decidedBy ? [decidedBy] : [])]),
  );
  return extensions.map(({ userId, decidedBy, projectId: _, ...extension }) => ({
    ...extension,
    person: people.get(userId)!,
    decidedBy: decidedBy ? people.get(decidedBy)! : null,
  }));
}

function extendedUntil(db: Reader, projectId: string, userId: string): number | null {
  const granted = and(ofPerson(projectId, userId), eq(retentionExtensions.status, 'granted'));
  return (
    db
      .select({ until: max(retentionExtensions.until) })
      .from(retentionExtensions)
      .where(granted)
      .get()?.until ?? null
  );
}

function ofPerson(projectId: string, userId: string) {
  return and(eq(retentionExtensions.userId, userId), eq(retentionExtensions.projectId, projectId));
}
