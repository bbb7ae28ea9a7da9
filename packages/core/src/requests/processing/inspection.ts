/** Stores what stages find in a file, and views it: the report of the inspection and the problems of all stages. */
import { and, eq, sql } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { mediaProblems, mediaReports, stageRuns } from '@turnover/db/schema/jobs';
import { mediaProblems as definitions, type MediaProblem } from '@turnover/domain/media/media-problems';
import type { MediaReport } from '@turnover/domain/media/media-report';
import {
  maxListedProblems,
  type InspectionView,
  type ProblemListView,
  type ProblemView,
} from '@turnover/domain/media/problem-views';
import { wordsOfRun, type OutsideStage } from '@turnover/domain/media/outside-stages';
import { failureReasons, stageFailures } from '@turnover/domain/media/stages';
import { loadDeliveredFile, type DeliveryRequest } from '../../access.ts';
import type { PersonContext } from '../../context.ts';
import { inList } from '../../in-list.ts';
import type { StoredPreview } from '../../storage.ts';
import { scopeOf } from '../files/round-scope.ts';
import { outsideStagesOf } from './outside-stages.ts';

export type StageResult = {
  facts: Record<string, string | number | boolean>;
  report?: MediaReport | undefined;
  previews?: readonly StoredPreview[];
  problems: readonly MediaProblem[];
  /** The number of all problems, including those that `problems` leaves out. */
  problemCount: number;
};

export function storeResult(tx: Transaction, stageRunId: string, result: StageResult): void {
  storeResults(tx, [{ stageRunId, result }]);
}

export function storeResults(
  tx: Transaction,
  found: readonly { stageRunId: string; result: Pick<StageResult, 'report' | 'problems'> }[],
): void {
  const reports = found.flatMap(({ stageRunId, result: { report } }) =>
    report ? [{ stageRunId, report }] : [],
  );
  if (reports.length > 0) tx.insert(mediaReports).values(reports).onConflictDoNothing().run();
  const problems = found.flatMap(({ stageRunId, result }) =>
    result.problems.map(({ code, ...details }, position) => ({
      stageRunId,
      position,
      code,
      severity: definitions[code].severity,
      details,
    })),
  );
  if (problems.length > 0) tx.insert(mediaProblems).values(problems).onConflictDoNothing().run();
}

export function reportOf(db: Reader, fileId: string): MediaReport | null {
  const row = db
    .select({ report: mediaReports.report })
    .from(mediaReports)
    .innerJoin(stageRuns, eq(stageRuns.id, mediaReports.stageRunId))
    .where(and(eq(stageRuns.fileId, fileId), eq(stageRuns.stage, 'inspect')))
    .get();
  return row?.report ?? null;
}

/** The stored problems, keyed by stage run, in the order in which the stage reported them. */
export function problemsOfRuns(db: Reader, stageRunIds: readonly string[]) {
  const rows = db
    .select()
    .from(mediaProblems)
    .where(inList(mediaProblems.stageRunId, stageRunIds))
    .orderBy(mediaProblems.stageRunId, mediaProblems.position)
    .all();
  return Map.groupBy(rows, ({ stageRunId }) => stageRunId);
}

export function viewInspection({ db, person }: PersonContext, fileId: string): InspectionView {
  const { file } = loadDeliveredFile(db, person, fileId, 'file:view');
  const runs = db
    .select()
    .from(stageRuns)
    .where(eq(stageRuns.fileId, file.id))
    .orderBy(stageRuns.position)
    .all();
  const found = problemsOfRuns(
    db,
    runs.map(({ id }) => id),
  );
  const problems = runs.flatMap(({ id, stage, status, ...failed }) => [
    ...(status === 'failed' ? [viewFailure({ stage, ...failed })] : []),
    ...(found.get(id) ?? []).map(({ code, details }) => viewProblem(stage, { code, ...details })),
  ]);
  return {
    report: reportOf(db, file.id),
    problems: withStageWords(
      problems,
      outsideStagesOf(
        db,
        problems.map(({ stage }) => stage),
      ),
    ),
    problemCount: runs.reduce(
      (sum, { problemCount, status }) => sum + problemCount + (status === 'failed' ? 1 : 0),
      0,
    ),
  };
}

type ProblemRow = {
  fileId: string;
  path: string;
  stage: string;
  failure: string | null;
  informs: number;
  facts: string;
  code: string | null;
  details: string | null;
};

/** The problems of the visible files of a round, or of the present files, with the stages that failed. */
export function listProblems(
  ctx: PersonContext,
  request: DeliveryRequest,
  round: number | null,
): ProblemListView {
  const { visible } = scopeOf(ctx, request, round);
  const rows = ctx.db.all<ProblemRow>(sql`
    select file.id as fileId, file.path, run.stage, run.failure, run.informs, run.facts, problem.code, problem.details
    from delivered_files as file
    join stage_runs as run on run.file_id = file.id and (run.problem_count > 0 or run.status = 'failed')
    left join media_problems as problem on problem.stage_run_id = run.id
    where ${visible}
    order by file.path_key, run.status <> 'failed',
      case problem.severity when 'error' then 0 when 'warning' then 1 else 2 end, run.position, problem.position
    limit ${maxListedProblems}`);
  const counts = ctx.db.get<{ total: number; files: number }>(sql`
    select coalesce(sum(run.problem_count + (run.status = 'failed')), 0) as total, count(distinct file.id) as files
    from delivered_files as file
    join stage_runs as run on run.file_id = file.id and (run.problem_count > 0 or run.status = 'failed')
    where ${visible}`);
  const problems = rows.map((row) => ({ ...viewRow(row), file: { id: row.fileId, path: row.path } }));
  return {
    problems: withStageWords(
      problems,
      outsideStagesOf(
        ctx.db,
        problems.map(({ stage }) => stage),
      ),
    ),
    ...counts,
  };
}

function viewRow({ stage, failure, informs, facts, code, details }: ProblemRow): ProblemView {
  if (code === null || details === null) {
    return viewFailure({
      stage,
      failure,
      informs: informs === 1,
      facts: JSON.parse(facts) as StageResult['facts'],
    });
  }
  return viewProblem(stage, { code, ...(JSON.parse(details) as object) } as MediaProblem);
}

/** Adds the words of outside stages to their problems. */
export function withStageWords<Problem extends ProblemView>(
  problems: readonly Problem[],
  outside: ReadonlyMap<string, OutsideStage>,
): Problem[] {
  return problems.map((problem) => {
    const stage = outside.get(problem.stage);
    if (!stage) return problem;
    const { name, outcome } = wordsOfRun(stage, { failure: problem.code, skipReason: null, facts: {} });
    return { ...problem, words: { name, outcome } };
  });
}

const nothing = { track: null, fromMs: null, toMs: null, line: null, measured: null, wanted: null };

export function viewProblem(stage: string, { code, ...details }: MediaProblem): ProblemView {
  const { severity, reason } = definitions[code];
  return { stage, code, severity, reason, ...nothing, ...details };
}

export function viewFailure({
  stage,
  failure,
  informs,
  facts,
}: {
  stage: string;
  failure: string | null;
  informs: boolean;
  facts: StageResult['facts'];
}): ProblemView {
  const known = stageFailures.find((each) => each === failure);
  const { found, expected } = facts;
  return {
    stage,
    code: failure ?? 'crashed',
    severity: informs ? 'warning' : 'error',
    reason: known ? failureReasons[known] : null,
    ...nothing,
    measured: found === undefined ? null : String(found),
    wanted: expected === undefined ? null : String(expected),
  };
}
