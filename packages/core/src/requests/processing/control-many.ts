/**
 * Retries and skips stages of many files: a selection, or all frames of a sequence. Each transaction handles some of the
 * files and checks each of them again. Files whose stages have moved on meanwhile are left out.
 */
import { and, asc, eq, gt, ne } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { stageRuns } from '@turnover/db/schema/jobs';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { inTransaction } from '@turnover/db/transaction';
import {
  actionsOfStage,
  type StageAction,
  type TreatableStagesView,
} from '@turnover/domain/media/stage-control';
import { actions, refuseAction } from '@turnover/domain/requests/actions';
import type { FileSelection } from '@turnover/domain/requests/files';
import { loadRequest, type DeliveryRequest } from '../../access.ts';
import { othersTurn } from '../../batches.ts';
import type { PersonContext } from '../../context.ts';
import { appendEvent } from '../../events.ts';
import { inList } from '../../in-list.ts';
import { namesPerEvent, selectedFiles } from '../files/remove.ts';
import { contentFacts, refused } from '../transitions.ts';
import { isFirstOf } from './control.ts';
import { outsideStagesOf } from './outside-stages.ts';
import { belongsToRound, retryRuns, skipRuns, type StageRun } from './treat-runs.ts';
import { stateOf } from './view.ts';

type Many = Exclude<StageAction, 'cancelStage'>;
/** A stage on which the action is possible. */
type Treatable = { run: StageRun; isFirst: boolean; path: string; deliveredBy: string };

/** Files per transaction. Changing their stages takes about 10 ms. */
const filesPerTurn = 50;

/** Previews `retryStages` or `skipStages`: the stages that it would change now. */
export async function treatableStages(
  ctx: PersonContext,
  request: DeliveryRequest,
  selection: FileSelection,
): Promise<TreatableStagesView> {
  const { id } = request;
  const counts = new Map<string, Pick<StageRun, 'mode'> & { retry: number; skip: number }>();
  for await (const fileIds of pages(ctx.db, id, selection)) {
    for (const action of ['retryStage', 'skipStage'] as const)
      for (const { run } of treatable(ctx.db, request, fileIds, action)) {
        const count = counts.get(run.stage) ?? { mode: run.mode, retry: 0, skip: 0 };
        counts.set(run.stage, count);
        count[action === 'retryStage' ? 'retry' : 'skip'] += 1;
      }
  }
  const outside = outsideStagesOf(ctx.db, [...counts.keys()]);
  return [...counts].map(([stage, count]) => ({
    stage,
    name: outside.get(stage)?.words.name ?? null,
    ...count,
  }));
}

/** Queues every stage of the selected files again that failed or was skipped for a temporary reason. */
export function retryStages(
  ctx: PersonContext,
  request: DeliveryRequest,
  selection: FileSelection,
): Promise<{ files: number }> {
  return treat(ctx, request, { action: 'retryStage', selection }, (tx, now, found) =>
    retryRuns(
      tx,
      ctx,
      now,
      found.map(({ run }) => run),
    ),
  );
}

/** Skips this stage of the selected files where it failed, waits or runs. */
export function skipStages(
  ctx: PersonContext,
  request: DeliveryRequest,
  { selection, stage, reason }: { selection: FileSelection; stage: string; reason: string },
): Promise<{ files: number }> {
  return treat(ctx, request, { action: 'skipStage', selection, stage, reason }, (tx, now, found) =>
    skipRuns(tx, ctx, now, found, reason),
  );
}

type Wanted = { action: Many; selection: FileSelection; stage?: string; reason?: string };

async function treat(
  ctx: PersonContext,
  { id }: DeliveryRequest,
  wanted: Wanted,
  write: (tx: Transaction, request: DeliveryRequest, found: readonly Treatable[]) => void,
): Promise<{ files: number }> {
  const { action, selection, stage, reason } = wanted;
  const treated = new Set<string>();
  for await (const fileIds of pages(ctx.db, id, selection)) {
    const isOver = inTransaction(ctx.db, (tx) => {
      const request = loadRequest(tx, ctx.person, id, actions[action].permission);
      const refusal = refuseAction(action, contentFacts(request));
      // Earlier batches stay changed; the result states their number of files.
      if (refusal && treated.size > 0) return true;
      if (refusal) throw refused(tx, request, refusal, ctx.person.id);
      const found = treatable(tx, request, fileIds, action, stage);
      if (found.length === 0) return false;
      recordTreated(tx, ctx, request, action, found, reason);
      write(tx, request, found);
      for (const { run } of found) treated.add(run.fileId);
      return false;
    });
    if (isOver) break;
  }
  return { files: treated.size };
}

/** The ids of the selected present files in pages, sorted by path. */
async function* pages(db: Reader, requestId: string, selection: FileSelection): AsyncGenerator<string[]> {
  const { id, pathKey } = deliveredFiles;
  for (let after = ''; ;) {
    const rows = db
      .select({ id, pathKey })
      .from(deliveredFiles)
      .where(and(selectedFiles(requestId, selection), gt(pathKey, after)))
      .orderBy(asc(pathKey))
      .limit(filesPerTurn)
      .all();
    const last = rows.at(-1);
    if (!last) return;
    yield rows.map((row) => row.id);
    after = last.pathKey;
    await othersTurn();
  }
}

function treatable(
  db: Reader,
  request: DeliveryRequest,
  fileIds: readonly string[],
  action: Many,
  stage?: string,
): Treatable[] {
  const { path, deliveredBy } = deliveredFiles;
  const isOfRound = belongsToRound(db, request);
  const rows = db
    .select({ run: stageRuns, path, deliveredBy })
    .from(stageRuns)
    .innerJoin(deliveredFiles, eq(deliveredFiles.id, stageRuns.fileId))
    .where(and(inList(stageRuns.fileId, fileIds), ne(stageRuns.status, 'done')))
    .orderBy(deliveredFiles.pathKey, stageRuns.position)
    .all();
  return [...Map.groupBy(rows, ({ run }) => run.fileId).values()].flatMap((ofFile) => {
    const runs = ofFile.map(({ run }) => run);
    return ofFile
      .filter(({ run }, position) => {
        const isWanted = isOfRound(run) && (stage === undefined || run.stage === stage);
        return isWanted && actionsOfStage(runs.map(stateOf), position).includes(action);
      })
      .map((each) => ({ ...each, isFirst: isFirstOf(runs, each.run) }));
  });
}

/** Records one history event for each stage and deliverer, because some roles see only their own files. */
function recordTreated(
  tx: Transaction,
  ctx: PersonContext,
  { id: requestId, projectId }: DeliveryRequest,
  action: Many,
  found: readonly Treatable[],
  reason?: string,
): void {
  const groups = Map.groupBy(found, ({ run, deliveredBy }) => `${run.stage} ${run.mode} ${deliveredBy}`);
  for (const group of groups.values()) {
    const { run, deliveredBy } = group[0]!;
    appendEvent(tx, ctx.clock, {
      kind: action === 'retryStage' ? 'file.stageRetried' : 'file.stageSkipped',
      projectId,
      requestId,
      deliveredBy,
      actorId: ctx.person.id,
      data: {
        stage: run.stage,
        mode: run.mode,
        names: group.slice(0, namesPerEvent).map(({ path }) => path),
        count: group.length,
        ...(reason !== undefined && { reason }),
      },
    });
  }
}
