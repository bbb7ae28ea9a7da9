/** Rates how well a Workspace selection fits each request that takes files now, so that people choose the right request. */
import { eq } from 'drizzle-orm';
import { requests } from '@turnover/db/schema/requests';
import { roleGrants } from '@turnover/domain/people/permissions';
import { requestStatuses } from '@turnover/domain/requests/machine';
import { takesFiles } from '@turnover/domain/requests/actions';
import type { MatchedRequestsView } from '@turnover/domain/requests/from-workspace';
import { listRequestsInput } from '@turnover/domain/requests/list';
import { arrivalChecks, bestSuggestion, needOf } from '@turnover/domain/rules/pre-flight';
import { isBinding } from '@turnover/domain/rules/rule-codes';
import type { EntrySelection } from '@turnover/domain/workspace/entries';
import { roleIn } from '../access.ts';
import { inTurns, othersTurn } from '../batches.ts';
import type { PersonContext } from '../context.ts';
import { listRequests } from '../requests/list.ts';
import { expectedFilesIn } from '../requests/rule-checks.ts';
import { overridesOf } from '../requests/rule-overrides.ts';
import { rulesOf } from '../requests/types.ts';
import { filesBelow, selectedEntries, type SelectedFile } from './selected-files.ts';

const maxRequests = 200;
/** The most file checks for all requests together. One takes about 10 µs. */
const maxChecks = 20_000;
const maxFiles = 1000;

const open = requestStatuses.filter(takesFiles);

export async function matchRequests(
  ctx: PersonContext,
  { projectId, selection }: { projectId: string; selection: EntrySelection },
): Promise<MatchedRequestsView> {
  const entryIds = selectedEntries(ctx.db, ctx, projectId, { selection });
  if (!seesRequests(ctx, projectId)) return { files: 0, checked: 0, requests: [], onlyFit: null, closed: 0 };
  const input = { projectId, status: open, sort: 'dueAt', limit: maxRequests };
  const { requests: listed, counts } = await listRequests(ctx, listRequestsInput.parse(input));
  await othersTurn();
  const { files } = filesBelow(ctx.db, entryIds);
  const looked = sampleOf(files, Math.min(maxFiles, Math.ceil(maxChecks / Math.max(1, listed.length))));
  const matched: MatchedRequestsView['requests'] = [];
  for (const request of listed) matched.push(await matchOf(ctx, request, looked));
  const fitting = looked.length === 0 ? [] : matched.filter(({ fit }) => fit === looked.length);
  const all = requestStatuses.reduce((sum, status) => sum + counts.status[status]!, 0);
  const taking = open.reduce((sum, status) => sum + counts.status[status]!, 0);
  return {
    files: files.length,
    checked: looked.length,
    requests: matched.toSorted(
      (one, other) => other.fit - one.fit || other.renamed - one.renamed || other.reason - one.reason,
    ),
    onlyFit: fitting.length === 1 ? fitting[0]!.request.id : null,
    closed: all - taking,
  };
}

/** People whose role is Workspace only see no requests, so they have none to choose from. */
function seesRequests({ db, person }: PersonContext, projectId: string): boolean {
  return roleGrants(roleIn(db, person, projectId), false, 'request:view');
}

type Matched = MatchedRequestsView['requests'][number];

async function matchOf(
  ctx: PersonContext,
  request: Matched['request'],
  files: readonly SelectedFile[],
): Promise<Matched> {
  const row = ctx.db.select().from(requests).where(eq(requests.id, request.id)).get()!;
  const rules = rulesOf(ctx.db, row);
  const check = arrivalChecks(rules, overridesOf(ctx.db, row.id));
  const needs = { fit: 0, renamed: 0, reason: 0, both: 0, blocked: 0 };
  let problem: Matched['problem'] = null;
  await inTurns(files, (file) => {
    const problems = check(file);
    const offered = bestSuggestion(problems.filter(isBinding));
    needs[needOf(problems, offered === null ? problems : check({ ...file, path: offered }))] += 1;
    problem ??= problems.find(isBinding) ?? null;
  });
  const { fit, renamed, reason } = needs;
  return { request, expected: rules && expectedFilesIn(rules), fit, renamed, reason, problem };
}

/** Evenly spaced items, including the first and the last. */
function sampleOf<Item>(items: readonly Item[], most: number): readonly Item[] {
  if (items.length <= most) return items;
  const step = (items.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, index) => items[Math.round(index * step)]!);
}
