/** Limits of the bytes in a project and its Workspaces. A limit deletes nothing; above it, new uploads are refused. */
import { eq } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { memberships, projects } from '@turnover/db/schema/projects';
import { inTransaction } from '@turnover/db/transaction';
import { notFound } from '@turnover/domain/errors';
import type { ProjectSpaceView } from '@turnover/domain/workspace/space-limits';
import type { Project } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { appendEvent } from '../events.ts';
import { findMembership } from '../people/memberships.ts';
import { usedBytes } from '../uploads/holdings.ts';

export function describeProjectSpace(ctx: PersonContext, { id }: Pick<Project, 'id'>): ProjectSpaceView {
  const { maxBytes, maxWorkspaceBytes } = ctx.db.select().from(projects).where(eq(projects.id, id)).get()!;
  const used = usedBytes(ctx.db, ctx.clock(), { projectId: id, ownerId: null });
  return { usedBytes: used.project, maxBytes, maxWorkspaceBytes };
}

export function limitSpace(ctx: PersonContext, { id }: Pick<Project, 'id'>, maxBytes: number | null): void {
  changeProject(ctx, id, (tx) => tx.update(projects).set({ maxBytes }).where(eq(projects.id, id)).run());
}

export function limitWorkspaces(
  ctx: PersonContext,
  { id }: Pick<Project, 'id'>,
  maxWorkspaceBytes: number | null,
): void {
  changeProject(ctx, id, (tx) =>
    tx.update(projects).set({ maxWorkspaceBytes }).where(eq(projects.id, id)).run(),
  );
}

/** Sets the limit of one member's Workspace; null applies the limit of all Workspaces. */
export function limitMember(
  ctx: PersonContext,
  { id }: Pick<Project, 'id'>,
  { userId, maxBytes: maxWorkspaceBytes }: { userId: string; maxBytes: number | null },
): void {
  changeProject(ctx, id, (tx) => {
    const membership = findMembership(tx, id, userId);
    if (!membership) throw notFound();
    tx.update(memberships).set({ maxWorkspaceBytes }).where(eq(memberships.id, membership.id)).run();
  });
}

function changeProject(ctx: PersonContext, projectId: string, change: (tx: Transaction) => unknown): void {
  inTransaction(ctx.db, (tx) => {
    change(tx);
    appendEvent(tx, ctx.clock, { kind: 'project.changed', projectId, actorId: ctx.person.id });
  });
}
