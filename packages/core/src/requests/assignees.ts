/** The assignees of requests: people and whole companies. */
import { and, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { companies, users } from '@turnover/db/schema/accounts';
import { memberships } from '@turnover/db/schema/projects';
import { requestAssignees } from '@turnover/db/schema/requests';
import { HubError } from '@turnover/domain/errors';
import { rolesReaching } from '@turnover/domain/people/permissions';
import type { AssigneeInput, AssigneeView } from '@turnover/domain/requests/requests';
import type { DeliveryRequest } from '../access.ts';
import type { Context } from '../context.ts';
import { appendEvent } from '../events.ts';
import { inList } from '../in-list.ts';

const rolesThatSeeRequests = rolesReaching('request:view');

/** Replaces all assignees. The caller has checked them with `requireAssignable`. */
export function setAssignees(
  tx: Transaction,
  ctx: Pick<Context, 'clock' | 'newId'>,
  request: Pick<DeliveryRequest, 'id' | 'projectId'>,
  assignees: readonly AssigneeInput[],
  actorId: string,
): void {
  const wanted = [...new Map(assignees.map((assignee) => [idOf(assignee), assignee])).values()];
  tx.delete(requestAssignees).where(eq(requestAssignees.requestId, request.id)).run();
  for (const assignee of wanted) {
    tx.insert(requestAssignees)
      .values({ id: ctx.newId('assignee'), requestId: request.id, ...assignee })
      .run();
  }
  appendEvent(tx, ctx.clock, {
    kind: 'request.assigned',
    projectId: request.projectId,
    requestId: request.id,
    actorId,
    data: { names: (assigneesOf(tx, [request.id]).get(request.id) ?? []).map(({ name }) => name) },
  });
}

/** The assignees by request id, people first. Requests without assignees are not in the map. */
export function assigneesOf(db: Reader, requestIds: readonly string[]): Map<string, AssigneeView[]> {
  const rows = db
    .select({
      requestId: requestAssignees.requestId,
      userId: requestAssignees.userId,
      companyId: requestAssignees.companyId,
      name: sql<string>`coalesce(${users.name}, ${companies.name})`,
    })
    .from(requestAssignees)
    .leftJoin(users, eq(users.id, requestAssignees.userId))
    .leftJoin(companies, eq(companies.id, requestAssignees.companyId))
    .where(inList(requestAssignees.requestId, requestIds))
    .orderBy(
      sql`${requestAssignees.companyId} is not null`,
      sql`coalesce(${users.name}, ${companies.name}) collate nocase`,
      requestAssignees.id,
    )
    .all();
  const found = new Map<string, AssigneeView[]>();
  for (const { requestId, userId, companyId, name } of rows) {
    const type = userId === null ? 'company' : 'person';
    const assignee: AssigneeView = { type, id: (userId ?? companyId)!, name };
    found.set(requestId, [...(found.get(requestId) ?? []), assignee]);
  }
  return found;
}

/** Whether the person, or somebody of the company, can see requests of the project. */
export function isAssignable(db: Reader, projectId: string, assignee: AssigneeInput): boolean {
  const member = db
    .select({ id: memberships.id })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(
      and(
        eq(memberships.projectId, projectId),
        inArray(memberships.role, rolesThatSeeRequests),
        isNull(users.disabledAt),
        'userId' in assignee ? eq(users.id, assignee.userId) : eq(users.companyId, assignee.companyId),
      ),
    )
    .limit(1)
    .get();
  return member !== undefined;
}

/** Throws `invalid_input` unless each can see requests of the project. */
export function requireAssignable(db: Reader, projectId: string, assignees: readonly AssigneeInput[]): void {
  const refused = assignees.find((assignee) => !isAssignable(db, projectId, assignee));
  if (!refused) return;
  throw new HubError(
    'invalid_input',
    'Only people and companies that can see requests of this project can be assigned.',
    {
      field: 'assignees',
      assignee: idOf(refused),
    },
  );
}

function idOf(assignee: AssigneeInput): string {
  return 'userId' in assignee ? assignee.userId : assignee.companyId;
}
