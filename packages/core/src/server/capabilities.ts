/** Processing as owners of the hub see it: stages, tools, the queue, and the jobs that were given up. */
import { count, desc, eq, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { capabilities } from '@turnover/db/schema/capabilities';
import { jobs } from '@turnover/db/schema/jobs';
import { outsideStages } from '@turnover/db/schema/outside-stages';
import {
  conditionsOf,
  maxListedDeadJobs,
  queueLanes,
  toolNames,
  type CapabilitiesView,
  type FoundCapabilities,
  type QueueLane,
} from '@turnover/domain/server/capabilities';
import { jobKinds, longJobKinds, type JobKind } from '@turnover/domain/server/jobs';
import type { Context } from '../context.ts';
import { inTransaction } from '@turnover/db/transaction';
import { finishedSince, queueOf } from '../jobs.ts';

const hourMs = 3600_000;

/** Stores the tools and formats of the worker. The worker calls it at start. */
export function recordCapabilities(ctx: Context, found: FoundCapabilities): void {
  const row = { found, foundAt: ctx.clock() };
  inTransaction(ctx.db, (tx) =>
    tx
      .insert(capabilities)
      .values({ id: 'worker', ...row })
      .onConflictDoUpdate({ target: capabilities.id, set: row })
      .run(),
  );
}

export function describeCapabilities({ db, clock }: Pick<Context, 'db' | 'clock'>): CapabilitiesView {
  const now = clock();
  const row = db.select().from(capabilities).where(eq(capabilities.id, 'worker')).get();
  const stageKinds: JobKind[] = ['runStage', 'runLongStage', 'runFrames'];
  return {
    foundAt: row?.foundAt ?? null,
    tools: toolNames.map((name) => ({ name, version: row?.found.tools[name] ?? null })),
    stages: row ? stagesOf(db, row.found) : [],
    lanes: laneQueues(db, now).map((queue) => ({
      ...queue,
      slots: queue.lane === 'mail' ? null : (row?.found.slots[queue.lane] ?? null),
    })),
    throughput: {
      lastHour: finishedSince(db, stageKinds, now - hourMs),
      lastDay: finishedSince(db, stageKinds, now - 24 * hourMs),
    },
    dead: deadJobs(db),
  };
}

export function laneQueues(db: Reader, now: number) {
  return queueLanes.map((lane) => ({ lane, ...queueOf(db, kindsIn(lane), now) }));
}

function kindsIn(lane: QueueLane): readonly JobKind[] {
  if (lane === 'long') return longJobKinds;
  if (lane === 'mail') return ['sendMails'];
  return jobKinds.filter((kind) => !longJobKinds.includes(kind) && kind !== 'sendMails');
}

function stagesOf(db: Reader, found: FoundCapabilities): CapabilitiesView['stages'] {
  const known = db.select().from(outsideStages).orderBy(outsideStages.name).all();
  return [
    ...conditionsOf(found.tools).map((stage) => ({ ...stage, name: null })),
    ...known.map(({ name, stated }) => ({
      stage: name,
      condition: found.outsideStages.includes(name) ? ('real' as const) : ('absent' as const),
      missing: [],
      name: stated.words.name,
    })),
  ];
}

type DeadRow = CapabilitiesView['dead']['jobs'][number];

function deadJobs(db: Reader): CapabilitiesView['dead'] {
  const isDead = eq(jobs.status, 'dead');
  const latest = db
    .select({ id: jobs.id })
    .from(jobs)
    .where(isDead)
    .orderBy(desc(jobs.finishedAt))
    .limit(maxListedDeadJobs);
  return {
    total: db.select({ number: count() }).from(jobs).where(isDead).get()!.number,
    jobs: db.all<DeadRow>(sql`
      select job.id, job.kind, run.stage, project.name as project, job.claims as attempts, job.finished_at as endedAt,
        substr(job.last_error, 1, 300) as error
      from jobs as job
      left join stage_runs as run on run.id = job.payload ->> 'stageRunId'
      left join requests as request on request.id = coalesce(run.request_id, job.payload ->> 'requestId')
      left join projects as project on project.id = request.project_id
      where job.id in (${latest}) order by job.finished_at desc, job.id`),
  };
}
