/** Keeps the stage runs that a later round replaces, because the papers of earlier rounds state them. */
import { and, gt, lte, sql } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { replacedStageRuns, stageRuns } from '@turnover/db/schema/jobs';
import { inList } from '../../in-list.ts';

/** Removes the runs, and keeps those that had ended. */
export function replaceRuns(tx: Transaction, replacedIn: number, runIds: readonly string[]): void {
  if (runIds.length === 0) return;
  tx.run(sql`
    insert into replaced_stage_runs (id, file_id, round, replaced_in, position, stage, mode, status, failure, informs,
      facts, problem_count, problems)
    select run.id, run.file_id, run.round, ${replacedIn}, run.position, run.stage, run.mode, run.status, run.failure,
      run.informs, run.facts, run.problem_count, (
        select json_group_array(
          json_object('code', code, 'severity', severity, 'details', json(details)) order by problem.position)
        from media_problems as problem where problem.stage_run_id = run.id)
    from json_each(${JSON.stringify(runIds)}) as wanted join stage_runs as run on run.id = wanted.value
    where run.status in ('done', 'failed', 'skipped')`);
  tx.delete(stageRuns).where(inList(stageRuns.id, runIds)).run();
}

/** The runs that the round had, and a later one replaced. */
export function replacedAfter(db: Reader, fileIds: readonly string[], round: number) {
  const { fileId, round: ranIn, replacedIn } = replacedStageRuns;
  return db
    .select()
    .from(replacedStageRuns)
    .where(and(inList(fileId, fileIds), lte(ranIn, round), gt(replacedIn, round)))
    .all();
}
