/** Actions on several requests. Each is done or refused by itself; the answer reports every one of them. */
import type { z } from 'zod';
import { desc, eq } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { rounds } from '@turnover/db/schema/requests';
import { inTransaction } from '@turnover/db/transaction';
import { HubError, notFound } from '@turnover/domain/errors';
import type { Permission } from '@turnover/domain/people/permissions';
import { actions } from '@turnover/domain/requests/actions';
import type {
  assignManyInput,
  datesSetView,
  ManyDoneView,
  ManyRequestsInput,
  setDueDatesInput,
} from '@turnover/domain/requests/many';
import { loadRequest, type DeliveryRequest } from '../access.ts';
import { inBatches, inTurns } from '../batches.ts';
import type { PersonContext } from '../context.ts';
import { moveIn, type PlainMove } from './actions.ts';
import { requireAssignable } from './assignees.ts';
import { assignIn, updateIn } from './edit.ts';
import { countOpen } from './redelivery/open-findings.ts';

/** Requests per transaction, because each also notifies people. */
const perBatch = 10;

/** Changes one request. Throws a refusal before it writes anything. */
type Change = (tx: Transaction, request: DeliveryRequest) => void;

/**
 * Accepts, reopens, cancels or restores. Throws `unresolved` instead of accepting a request with unresolved findings or failed
 * files: people should look at such a request before they accept it alone.
 */
export function moveMany(
  ctx: PersonContext,
  input: ManyRequestsInput,
  action: PlainMove,
): Promise<ManyDoneView> {
  return changeMany(ctx, input, actions[action].permission, (tx, request) => {
    if (action === 'accept' && request.status === 'processed') requireResolved(tx, request);
    moveIn(tx, ctx, request, action);
  });
}

export function assignMany(
  ctx: PersonContext,
  { assignees, ...input }: z.output<typeof assignManyInput>,
): Promise<ManyDoneView> {
  const requireInput = () => requireAssignable(ctx.db, input.projectId, assignees);
  const assign: Change = (tx, request) => assignIn(tx, ctx, request, assignees);
  return changeMany(ctx, input, 'request:assign', assign, requireInput);
}

export async function setDueDates(
  ctx: PersonContext,
  { projectId, dates }: z.output<typeof setDueDatesInput>,
): Promise<z.infer<typeof datesSetView>> {
  const wanted = new Map(dates.map((date) => [date.requestId, date]));
  const before = new Map<string, number | null>();
  const input = { projectId, requestIds: [...wanted.keys()] };
  const result = await changeMany(ctx, input, 'request:update', (tx, request) => {
    const { dueAt, was } = wanted.get(request.id)!;
    if (was !== undefined && was !== request.dueAt)
      throw new HubError('changed_meanwhile', 'Somebody changed the due date in the meantime.');
    before.set(request.id, request.dueAt);
    updateIn(tx, ctx, request, { dueAt });
  });
  return { ...result, before: [...before].map(([requestId, dueAt]) => ({ requestId, dueAt })) };
}

/** Checks access to all requests, runs the further checks of the caller (`requireInput`), and changes the requests in batches. */
async function changeMany(
  ctx: PersonContext,
  input: ManyRequestsInput,
  permission: Permission,
  change: Change,
  requireInput?: () => void,
): Promise<ManyDoneView> {
  const names = await requireAll(ctx, input, permission);
  requireInput?.();
  const done: string[] = [];
  const refused: ManyDoneView['refused'] = [];
  await inBatches([...names], perBatch, (batch) => {
    const results = inTransaction(ctx.db, (tx) =>
      batch.map(([id, name]) => ({ id, name, refusal: tryOne(tx, ctx, id, permission, change) })),
    );
    for (const { id, name, refusal } of results) {
      if (refusal) refused.push({ requestId: id, name, refusal });
      else done.push(id);
    }
  });
  return { done, refused };
}

/** Names keyed by request id. Throws when the person may not do it with each request, or when one is of another project. */
async function requireAll(
  ctx: PersonContext,
  { projectId, requestIds }: ManyRequestsInput,
  permission: Permission,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  await inTurns(new Set(requestIds), (id) => {
    const request = loadRequest(ctx.db, ctx.person, id, permission);
    if (request.projectId !== projectId) throw notFound();
    names.set(id, request.name);
  });
  return names;
}

/** Changes one request. Returns the refusal, or null when it succeeds. The row may have changed since access was checked. */
function tryOne(
  tx: Transaction,
  ctx: PersonContext,
  id: string,
  permission: Permission,
  change: Change,
): Pick<HubError, 'code' | 'details'> | null {
  try {
    change(tx, loadRequest(tx, ctx.person, id, permission));
    return null;
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    const { code, details } = error;
    return { code, details };
  }
}

/** Throws when something is unresolved. Ignores blockers, because the table of actions refuses them anyway. */
function requireResolved(tx: Transaction, { id }: DeliveryRequest): void {
  const { all, blockers } = countOpen(tx, id);
  const lastRound = tx
    .select({ failed: rounds.filesFailed })
    .from(rounds)
    .where(eq(rounds.requestId, id))
    .orderBy(desc(rounds.number))
    .limit(1)
    .get();
  const failed = lastRound?.failed ?? 0;
  if (blockers > 0 || (all === 0 && failed === 0)) return;
  throw new HubError('unresolved', 'Findings or failed files are not resolved.', { findings: all, failed });
}
