/** The security report of a project: who has access and why, and how long its data stays. */
import { and, asc, count, eq, gt, isNotNull, isNull, max, or, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import type { Reader } from '@turnover/db/open';
import { apiTokens, companies, sessions, users } from '@turnover/db/schema/accounts';
import { auditEntries } from '@turnover/db/schema/audit';
import { invitations, memberships } from '@turnover/db/schema/projects';
import { requestAssignees, requests } from '@turnover/db/schema/requests';
import {
  maxReported,
  type AccessPersonView,
  type AccessReportView,
} from '@turnover/domain/people/access-report';
import type { Project } from '../access.ts';
import type { Context, PersonContext } from '../context.ts';
import { inList } from '../in-list.ts';
import { recordExport } from '../audit/reads.ts';
import { peopleWithFactor } from '../people/second-factor-state.ts';
import { isInForce } from '../session-in-force.ts';
import { arrivalsOf, noArrival } from './arrivals.ts';

export function describeAccess(ctx: Context, project: Project): AccessReportView {
  const { db, clock, limits, backups } = ctx;
  const now = clock();
  return {
    at: now,
    people: peopleOf(db, project.id, now),
    invitations: openInvitations(db, project.id, now),
    retention: {
      launchAt: project.launchAt,
      retentionDays: project.retentionDays,
      trashDays: limits.trashDays,
      backupsKept: backups.at === null ? null : backups.kept,
    },
  };
}

/** Records that a person took the report with them. */
export function recordAccessExport(ctx: PersonContext, project: Project, document: string): void {
  recordExport(ctx, {
    action: 'exports.access',
    projectId: project.id,
    subject: project.id,
    details: { document },
  });
}

/** Members, and the owners of the hub, who manage people and space in every project. Members first. */
function peopleOf(db: Reader, projectId: string, now: number): AccessPersonView[] {
  const rows = db
    .select({
      user: { id: users.id, name: users.name, company: companies.name, email: users.email },
      companyId: users.companyId,
      role: memberships.role,
      isOwner: users.isOwner,
      isDisabled: sql<boolean>`${users.disabledAt} is not null`.mapWith(Boolean),
      since: memberships.createdAt,
    })
    .from(users)
    .leftJoin(memberships, and(eq(memberships.userId, users.id), eq(memberships.projectId, projectId)))
    .leftJoin(companies, eq(companies.id, users.companyId))
    .where(or(isNotNull(memberships.id), eq(users.isOwner, true)))
    .orderBy(sql`${memberships.id} is null`, asc(users.name), asc(users.id))
    .limit(maxReported)
    .all();
  const ids = rows.map(({ user }) => user.id);
  const arrivals = arrivalsOf(db, projectId);
  const withFactor = peopleWithFactor(db, ids);
  const signIns = lastSignIns(db, ids);
  const live = liveSessions(db, ids, now);
  const tokens = liveTokens(db, ids);
  const assignments = assignmentsIn(db, projectId);
  return rows.map(({ companyId, ...row }) => {
    const { id } = row.user;
    return {
      ...row,
      ...(row.role === null ? noArrival : (arrivals.get(id) ?? noArrival)),
      assigned: assignments.numberOf(id, companyId),
      hasSecondFactor: withFactor.has(id),
      lastSignInAt: signIns.get(id) ?? live.get(id)?.lastAt ?? null,
      sessions: live.get(id)?.number ?? 0,
      apiTokens: tokens.get(id)?.number ?? 0,
      tokenUsedAt: tokens.get(id)?.usedAt ?? null,
    };
  });
}

/** By the audit log, which remembers sign-ins that have ended. */
function lastSignIns(db: Reader, ids: readonly string[]): Map<string, number> {
  const { subject, at, action } = auditEntries;
  const rows = db
    .select({ id: subject, at: max(at) })
    .from(auditEntries)
    .where(and(inList(subject, ids), eq(action, 'sessions.start')))
    .groupBy(subject)
    .all();
  return new Map(rows.flatMap(({ id, at }) => (id === null || at === null ? [] : [[id, at] as const])));
}

function liveSessions(db: Reader, ids: readonly string[], now: number) {
  const rows = db
    .select({ id: sessions.userId, number: count(), lastAt: max(sessions.createdAt) })
    .from(sessions)
    .where(and(inList(sessions.userId, ids), isInForce(now)))
    .groupBy(sessions.userId)
    .all();
  return new Map(rows.map(({ id, ...found }) => [id, found]));
}

function liveTokens(db: Reader, ids: readonly string[]) {
  const rows = db
    .select({ id: apiTokens.userId, number: count(), usedAt: max(apiTokens.lastUsedAt) })
    .from(apiTokens)
    .where(and(inList(apiTokens.userId, ids), isNull(apiTokens.revokedAt)))
    .groupBy(apiTokens.userId)
    .all();
  return new Map(rows.map(({ id, ...found }) => [id, found]));
}

/** The number of deliveries of the project that are assigned to a person or to their company. */
function assignmentsIn(db: Reader, projectId: string) {
  const rows = db
    .select({
      requestId: requests.id,
      userId: requestAssignees.userId,
      companyId: requestAssignees.companyId,
    })
    .from(requestAssignees)
    .innerJoin(requests, eq(requests.id, requestAssignees.requestId))
    .where(eq(requests.projectId, projectId))
    .all();
  const byHolder = new Map<string, Set<string>>();
  for (const { requestId, userId, companyId } of rows) {
    const holder = userId ?? companyId ?? '';
    byHolder.set(holder, (byHolder.get(holder) ?? new Set()).add(requestId));
  }
  const none: ReadonlySet<string> = new Set();
  return {
    numberOf: (userId: string, companyId: string | null) =>
      new Set([...(byHolder.get(userId) ?? none), ...(byHolder.get(companyId ?? '') ?? none)]).size,
  };
}

function openInvitations(db: Reader, projectId: string, now: number): AccessReportView['invitations'] {
  const inviters = alias(users, 'inviters');
  return db
    .select({
      id: invitations.id,
      email: invitations.email,
      role: invitations.role,
      by: inviters.name,
      createdAt: invitations.createdAt,
      expiresAt: invitations.expiresAt,
    })
    .from(invitations)
    .leftJoin(inviters, eq(inviters.id, invitations.invitedBy))
    .where(
      and(
        eq(invitations.projectId, projectId),
        isNull(invitations.acceptedAt),
        isNull(invitations.revokedAt),
        gt(invitations.expiresAt, now),
      ),
    )
    .orderBy(asc(invitations.id))
    .limit(maxReported)
    .all();
}
