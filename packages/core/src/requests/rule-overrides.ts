/** Rules of a request that people set aside for one file or for all, with a reason that its history shows. */
import { eq, sql } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { ruleOverrides } from '@turnover/db/schema/requests';
import { nameKey } from '@turnover/domain/names/names';
import type { Override } from '@turnover/domain/rules/pre-flight';
import type { PreFlightRule } from '@turnover/domain/rules/rule-codes';
import type { DeliveryRequest } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { appendEvent } from '../events.ts';
import { namesPerEvent } from './files/remove.ts';
import { notifyOfRequest } from './notices.ts';

export function overridesOf(db: Reader, requestId: string): Override[] {
  return db
    .select({ rule: ruleOverrides.rule, path: ruleOverrides.path })
    .from(ruleOverrides)
    .where(eq(ruleOverrides.requestId, requestId))
    .all()
    .map(({ rule, path }) => ({ rule: rule as PreFlightRule, path: path === '' ? null : path }));
}

/** Stores the overrides of one rule and records them as one event. Null `paths`: for every problem that the rule reports. */
export function storeOverrides(
  tx: Transaction,
  ctx: PersonContext,
  request: DeliveryRequest,
  { rule, paths }: { rule: PreFlightRule; paths: readonly string[] | null },
  reason: string,
): void {
  const { id: requestId, projectId, round } = request;
  const by = ctx.person.id;
  const at = ctx.clock();
  const rows = (paths ?? ['']).map((path) => [ctx.newId('override'), path, nameKey(path)]);
  // All rows go in as one JSON parameter: a sequence may have 75,000 frames. SQLite needs the `where` before `on conflict`.
  tx.run(sql`
    insert into rule_overrides (id, path, path_key, request_id, round, rule, reason, by, at)
    select value ->> 0, value ->> 1, value ->> 2, ${requestId}, ${round}, ${rule}, ${reason}, ${by}, ${at}
    from json_each(${JSON.stringify(rows)}) where true
    on conflict (request_id, rule, path_key) do update set reason = ${reason}, by = ${by}, at = ${at}, round = ${round}`);
  const names = paths?.slice(0, namesPerEvent);
  appendEvent(tx, ctx.clock, {
    kind: 'request.ruleOverridden',
    projectId,
    requestId,
    actorId: by,
    // `deliveredBy` hides the event, and so the file name, from people who see only their own files.
    deliveredBy: paths === null ? null : by,
    data: {
      rule,
      reason,
      ...(paths?.length === 1 && { name: paths[0]! }),
      ...(names && paths && paths.length > 1 && { names, count: paths.length }),
    },
  });
  const facts = { rule, names: [...(names ?? [])], count: paths?.length ?? 1, note: reason };
  notifyOfRequest(tx, ctx, 'request.overridden', request, { actorId: by, ...facts });
}
