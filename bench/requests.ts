// The Deliveries page with 2,000 requests of 50 files each, beside the same rows from a bare prepared statement; and one request
// of 75,000 frames: opened, checked, submitted and emptied, with the longest time in which no other work could run.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { PersonContext } from '../packages/core/src/context.ts';
import { claim } from '../packages/core/src/jobs.ts';
import { runRemoval, type RemovalJob } from '../packages/core/src/requests/files/remove-many.ts';
import { startRound, type RoundJob } from '../packages/core/src/requests/processing/rounds.ts';
import { submitRequest } from '../packages/core/src/requests/actions.ts';
import { listRequestFiles } from '../packages/core/src/requests/files/list.ts';
import { removeFiles } from '../packages/core/src/requests/files/files.ts';
import { listRequests } from '../packages/core/src/requests/list.ts';
import { currentRequest } from '../packages/core/src/requests/transitions.ts';
import { listRequestTypes } from '../packages/core/src/requests/types.ts';
import { createRequest } from '../packages/core/src/requests/edit.ts';
import { reviewDelivery } from '../packages/core/src/requests/rule-checks.ts';
import { inTransaction } from '../packages/db/src/transaction.ts';
import { listRequestsInput } from '../packages/domain/src/requests/list.ts';
import { compare, medianMs, medianMsUntil, onHub } from './in-process.ts';

const requests = 2000;
const filesEach = 50;
const frames = 75_000;
const pageRows = 200;
const goals = { ms: 20, ratio: 10 };

export function benchRequests(): Promise<void> {
  return onHub('coordinator', async (ctx, projectId) => {
    for (let number = 0; number < requests; number++) {
      const dueAt = ctx.clock() + (number - 500) * 3600_000;
      fill(ctx, request(ctx, projectId, `Reel ${number}`, dueAt), filesEach, 'mix');
    }
    await comparePages(ctx, projectId);
    await largeRequest(ctx, projectId);
  });
}

async function comparePages(ctx: PersonContext, projectId: string): Promise<void> {
  const list = (more: object = {}) =>
    listRequests(ctx, listRequestsInput.parse({ projectId, limit: pageRows, ...more }));
  const bare = ctx.db.$client.prepare(
    `select * from requests where project_id = ? order by coalesce(due_at, 9e15), id limit ${pageRows}`,
  );
  const [ours, peer] = [await medianMsUntil(() => list()), medianMs(() => bare.all(projectId))];
  compare({ name: `first page of ${pageRows} of ${requests}`, ours, peer }, goals);
  const more: Record<string, () => Promise<unknown>> = {
    'critical ones': () => list({ bucket: 'critical' }),
    'assigned to nobody, by name': () => list({ assignee: 'nobody', sort: 'name' }),
    'by company': () => list({ group: 'company' }),
    'searched for "reel 19" and in 100,000 files': () => list({ search: 'reel 19' }),
  };
  for (const [name, work] of Object.entries(more)) {
    console.log(`  ${name.padEnd(37)} ${(await medianMsUntil(work)).toFixed(2)} ms`);
  }
}

async function largeRequest(ctx: PersonContext, projectId: string): Promise<void> {
  const type = listRequestTypes(ctx, { projectId, archived: false }).find(({ name }) => name === 'VFX shot');
  const made = createRequest(ctx, {
    projectId,
    name: 'Frames',
    description: '',
    dueAt: null,
    assignees: [],
    typeId: type?.id ?? null,
  });
  fill(ctx, made.id, frames, 'frames');
  const load = () => currentRequest(ctx.db, made.id);
  console.log(`\n  a request of ${frames} frames`);
  await timed('its first 200 rows', () => listRequestFiles(ctx, load(), { limit: pageRows }));
  await timed('200 rows at its end', () =>
    listRequestFiles(ctx, load(), { offset: frames - pageRows, limit: pageRows }),
  );
  const review = await timed('checked by its rules', () => reviewDelivery(ctx, load()));
  await timed('submitted', () => submitRequest(ctx, made, review));
  await timed('fanned out', () => startRound(ctx, claim(ctx, ['processRound']) as RoundJob));
  ctx.db.$client.prepare(`update requests set status = 'redelivery', round = 2 where id = ?`).run(made.id);
  ctx.db.$client.prepare(`update stage_runs set status = 'done' where request_id = ?`).run(made.id);
  await timed('all of them asked to be removed', () => removeFiles(ctx, made, { allExcept: [] }));
  await timed('all of them removed', () => runRemoval(ctx, claim(ctx, ['removeFiles']) as RemovalJob));
}

/** Prints how long the work took, and the longest time it blocked everything else. */
async function timed<Result>(name: string, work: () => Result | Promise<Result>): Promise<Result> {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  const startedAt = performance.now();
  const begun = work();
  const inOneGo = performance.now() - startedAt;
  const result = await begun;
  const tookMs = performance.now() - startedAt;
  delays.disable();
  const longest = begun instanceof Promise ? Math.max(inOneGo, delays.max / 1e6) : tookMs;
  console.log(`  ${name.padEnd(37)} ${tookMs.toFixed(1)} ms, at most ${longest.toFixed(1)} ms in one go`);
  return result;
}

function request(ctx: PersonContext, projectId: string, name: string, dueAt: number): string {
  const id = ctx.newId('request');
  ctx.db.$client
    .prepare(
      `insert into requests (id, project_id, name, status, due_at, created_by, created_at, updated_at)
       values (?, ?, ?, 'open', ?, ?, 1, 1)`,
    )
    .run(id, projectId, name, dueAt, ctx.person.id);
  return id;
}

/** Inserts with few statements, because delivering files one by one is not what this measures. */
function fill(
  { db, person, newId }: PersonContext,
  requestId: string,
  files: number,
  kind: 'mix' | 'frames',
): void {
  const assetId = newId('asset');
  const insert = db.$client.prepare(
    `insert into delivered_files (id, request_id, path, path_key, asset_id, delivered_by, added_at, added_round)
     values (?, ?, ?, ?, ?, ?, 1, 1)`,
  );
  inTransaction(db, () => {
    db.$client
      .prepare(`insert into assets (id, size_bytes, state, created_at) values (?, 8, 'stored', 1)`)
      .run(assetId);
    for (let number = 0; number < files; number++) {
      const path = kind === 'mix' ? `mix_${number}.wav` : `agm_104_0010_v001.${String(100_000 + number)}.exr`;
      insert.run(newId('deliveredFile'), requestId, path, path, assetId, person.id);
    }
    db.$client
      .prepare('update requests set file_count = ?, total_bytes = ? where id = ?')
      .run(files, files * 8, requestId);
  });
}
