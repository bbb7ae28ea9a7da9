/** Lists projects as the person sees them. */
import { and, asc, eq } from 'drizzle-orm';
import type { z } from 'zod';
import type { Reader } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { memberships, projects } from '@turnover/db/schema/projects';
import { notFound } from '@turnover/domain/errors';
import type { createProjectInput, ProjectView, updateProjectInput } from '@turnover/domain/people/projects';
import type { Project } from '../access.ts';
import type { Person, PersonContext } from '../context.ts';
import { recordEdit, requireRevision, revisionOf } from '../edits.ts';
import { appendEvent } from '../events.ts';
import { insertStarterTypes } from '../requests/types.ts';

const maxProjectsListed = 1000;

/** Owners of the hub get every project, because they manage its people. Members get their own projects. */
export function listProjects(ctx: PersonContext): ProjectView[] {
  return selectProjects(ctx.db, ctx.person).orderBy(asc(projects.name)).limit(maxProjectsListed).all();
}

export function createProject(ctx: PersonContext, input: z.infer<typeof createProjectInput>): ProjectView {
  const id = ctx.newId('project');
  inTransaction(ctx.db, (tx) => {
    tx.insert(projects)
      .values({ id, name: input.name, subtitle: input.subtitle ?? '', createdAt: ctx.clock() })
      .run();
    insertStarterTypes(tx, ctx, id);
    appendEvent(tx, ctx.clock, { kind: 'project.changed', projectId: id, actorId: ctx.person.id });
  });
  return viewProject(ctx, id);
}

export function getProject(ctx: PersonContext, project: Pick<Project, 'id'>): ProjectView {
  return viewProject(ctx, project.id);
}

export function updateProject(
  ctx: PersonContext,
  project: Pick<Project, 'id'>,
  {
    revision,
    name,
    subtitle,
    launchAt,
    retentionDays,
  }: Omit<z.infer<typeof updateProjectInput>, 'projectId'>,
): ProjectView {
  const changes = { name, subtitle, launchAt, retentionDays };
  inTransaction(ctx.db, (tx) => {
    const before = tx.select().from(projects).where(eq(projects.id, project.id)).get()!;
    requireRevision(tx, ctx, { ...before, projectId: before.id }, revision);
    const given = Object.entries(changes).filter(([, value]) => value !== undefined);
    if (given.length === 0) return;
    const edited = given.filter(([field, value]) => value !== before[field as keyof typeof changes]);
    recordEdit(
      tx,
      ctx,
      project.id,
      edited.map(([field]) => field),
    );
    tx.update(projects).set(changes).where(eq(projects.id, project.id)).run();
    appendEvent(tx, ctx.clock, { kind: 'project.changed', projectId: project.id, actorId: ctx.person.id });
  });
  return viewProject(ctx, project.id);
}

function viewProject(ctx: PersonContext, projectId: string): ProjectView {
  const view = selectProjects(ctx.db, ctx.person, projectId).get();
  if (!view) throw notFound();
  return view;
}

function selectProjects(db: Reader, person: Person, projectId?: string) {
  const mine = and(eq(memberships.projectId, projects.id), eq(memberships.userId, person.id));
  const columns = {
    id: projects.id,
    revision: revisionOf(projects.id),
    name: projects.name,
    subtitle: projects.subtitle,
    launchAt: projects.launchAt,
    retentionDays: projects.retentionDays,
    createdAt: projects.createdAt,
    role: memberships.role,
  };
  const wanted = projectId === undefined ? undefined : eq(projects.id, projectId);
  const rows = db.select(columns).from(projects);
  // Owners also get projects without being a member.
  return (person.isOwner ? rows.leftJoin(memberships, mine) : rows.innerJoin(memberships, mine)).where(
    wanted,
  );
}
