import { sql } from 'drizzle-orm';
import { index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { Lane } from '@turnover/domain/media/encode-model';
import type { MediaProblem, MediaProblemCode, ProblemSeverity } from '@turnover/domain/media/media-problems';
import type { MediaReport } from '@turnover/domain/media/media-report';
import type { JobKind } from '@turnover/domain/server/jobs';
import type { StageMode, StageStatus } from '@turnover/domain/media/stages';
import { at, flag, id } from '../columns.ts';
import { deliveredFiles, requests } from './requests.ts';

type LeftOutStage = { stage: string; mode: StageMode; position: number };

export const jobs = sqliteTable(
  'jobs',
  {
    id: id(),
    kind: text('kind').$type<JobKind>().notNull(),
    payload: text('payload', { mode: 'json' }).notNull(),
    status: text('status').$type<'waiting' | 'running' | 'done' | 'dead'>().notNull(),
    runAt: at('run_at').notNull(),
    /** Due jobs are claimed in this order: `runAt` plus the time by which the job lets others go first. */
    turnAt: at('turn_at').notNull().default(0),
    /** Number of claims that failed or never ended. An orderly stop subtracts its claim. */
    claims: integer('claims').notNull().default(0),
    leaseToken: text('lease_token'),
    leaseUntil: at('lease_until'),
    dedupeKey: text('dedupe_key'),
    lastError: text('last_error'),
    createdAt: at('created_at').notNull(),
    finishedAt: at('finished_at'),
  },
  (table) => [
    uniqueIndex('jobs_once_while_live')
      .on(table.dedupeKey)
      .where(sql`${table.status} in ('waiting', 'running')`),
    index('jobs_due').on(table.status, table.kind, table.runAt),
    /** For the throughput of the last hours. */
    index('jobs_ended')
      .on(table.kind, table.finishedAt)
      .where(sql`${table.status} = 'done'`),
    index('jobs_by_turn').on(table.status, table.kind, table.turnAt),
  ],
);

/** One stage of one delivered file. A later round replaces it only where it must (`core/requests/processing/standing-stages.ts`). */
export const stageRuns = sqliteTable(
  'stage_runs',
  {
    id: id(),
    requestId: text('request_id')
      .notNull()
      .references(() => requests.id),
    fileId: text('file_id')
      .notNull()
      .references(() => deliveredFiles.id),
    round: integer('round').notNull(),
    position: integer('position').notNull(),
    stage: text('stage').notNull(),
    mode: text('mode').$type<StageMode>().notNull(),
    status: text('status').$type<StageStatus>().notNull(),
    progress: real('progress').notNull().default(0),
    /** Lane and slot of a simulation in the encode queue. */
    lane: text('lane').$type<Lane>(),
    slot: integer('slot'),
    startAt: at('start_at'),
    endAt: at('end_at'),
    failure: text('failure'),
    /** Whether the failure is informative only: the file continues and does not count as failed. */
    informs: integer('informs', { mode: 'boolean' }).notNull().default(false),
    /** The later stages that were removed by this failure, in order. A retry restores them. */
    leftOut: text('left_out', { mode: 'json' }).$type<readonly LeftOutStage[]>(),
    facts: text('facts', { mode: 'json' }).$type<Record<string, string | number | boolean>>().notNull(),
    /** Number of all problems that it found; `media_problems` has the first of them. */
    problemCount: integer('problem_count').notNull().default(0),
    createdAt: at('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('stage_runs_once').on(table.fileId, table.stage),
    index('stage_runs_by_request').on(table.requestId, table.round, table.status),
    // Most runs have no plan, and a round creates hundreds of thousands.
    index('stage_runs_planned')
      .on(table.lane, table.status, table.startAt)
      .where(sql`${table.lane} is not null`),
  ],
);

export type StoredProblem = Pick<typeof mediaProblems.$inferSelect, 'code' | 'severity' | 'details'>;

/**
 * Stage runs as they were when a later round replaced them, with the problems that they found. The papers of the rounds before
 * state them.
 */
export const replacedStageRuns = sqliteTable(
  'replaced_stage_runs',
  {
    id: id(),
    fileId: text('file_id')
      .notNull()
      .references(() => deliveredFiles.id),
    round: integer('round').notNull(),
    /** The round that replaced the run. */
    replacedIn: integer('replaced_in').notNull(),
    position: integer('position').notNull(),
    stage: text('stage').notNull(),
    mode: text('mode').$type<StageMode>().notNull(),
    status: text('status').$type<StageStatus>().notNull(),
    failure: text('failure'),
    informs: flag('informs').notNull(),
    facts: text('facts', { mode: 'json' }).$type<Record<string, string | number | boolean>>().notNull(),
    problemCount: integer('problem_count').notNull(),
    problems: text('problems', { mode: 'json' }).$type<StoredProblem[]>().notNull(),
  },
  (table) => [index('replaced_stage_runs_by_file').on(table.fileId)],
);

/** The report of the stage `inspect` about a file. */
export const mediaReports = sqliteTable('media_reports', {
  stageRunId: text('stage_run_id')
    .primaryKey()
    .references(() => stageRuns.id, { onDelete: 'cascade' }),
  report: text('report', { mode: 'json' }).$type<MediaReport>().notNull(),
});

/** The problems that a stage found, in the order in which it reported them. */
export const mediaProblems = sqliteTable(
  'media_problems',
  {
    stageRunId: text('stage_run_id')
      .notNull()
      .references(() => stageRuns.id, { onDelete: 'cascade' }),
    position: integer('position').notNull(),
    code: text('code').$type<MediaProblemCode>().notNull(),
    severity: text('severity').$type<ProblemSeverity>().notNull(),
    /** Track, moment, line, and the measured and wanted value, as far as they are known. */
    details: text('details', { mode: 'json' }).$type<Omit<MediaProblem, 'code'>>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.stageRunId, table.position] })],
);
