/** Decides which stages of earlier rounds still hold in a new one, so that it does not repeat them. */
import { eq } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import type { stageRuns } from '@turnover/db/schema/jobs';
import { rounds } from '@turnover/db/schema/requests';
import { limitsFor } from '@turnover/domain/media/signal-limits';
import type { StoredRoundStages } from '@turnover/domain/media/stage-choice';
import { looksAtDelivery, stageReads } from '@turnover/domain/media/stages';
import { rulesOf } from '../types.ts';
import type { DeliveryRequest } from '../../access.ts';

type StageRun = typeof stageRuns.$inferSelect;
type OfType = Pick<DeliveryRequest, 'typeId' | 'typeVersion'>;
/** Returns the runs of one file that hold. */
export type Standing = (runs: readonly StageRun[]) => StageRun[];

/**
 * A stage holds when it has ended without stopping its file, unless it looks at the whole delivery, or judges by something that the
 * type of the new round says otherwise. A failure that only informed holds while the new round lets the stage only inform.
 */
export function standingStages(
  tx: Transaction,
  request: DeliveryRequest,
  { informing }: Pick<StoredRoundStages, 'informing'>,
): Standing {
  const changed = changesOfType(tx, request);
  const stands = ({ round, stage, status, informs }: StageRun) =>
    (status === 'done' ||
      status === 'skipped' ||
      (status === 'failed' && informs && (informing?.includes(stage) ?? false))) &&
    !looksAtDelivery(stage) &&
    !changed.get(round)?.some((what) => stageReads(stage, what));
  return (runs) => {
    const standing = runs.filter(stands);
    // What is found anew in a file is judged anew.
    const isInspectedAgain = runs.some((run) => run.stage === 'inspect' && !standing.includes(run));
    return isInspectedAgain ? standing.filter(({ stage }) => !stageReads(stage, 'report')) : standing;
  };
}

/** What the type of the request says otherwise than in each earlier round. Nothing is known of rounds that state no type. */
function changesOfType(tx: Transaction, request: DeliveryRequest) {
  const now = judging(tx, request);
  const earlier = tx
    .select({ number: rounds.number, stages: rounds.stages })
    .from(rounds)
    .where(eq(rounds.requestId, request.id))
    .all();
  return new Map(
    earlier.flatMap(({ number, stages }) => {
      if (stages?.type === undefined) return [];
      const { type } = stages;
      const then = judging(tx, { typeId: type?.id ?? null, typeVersion: type?.version ?? null });
      return [[number, (['wanted', 'limits'] as const).filter((what) => then[what] !== now[what])] as const];
    }),
  );
}

function judging(tx: Transaction, type: OfType): Record<'wanted' | 'limits', string> {
  const rules = rulesOf(tx, type);
  return {
    wanted: JSON.stringify(rules?.media ?? null),
    limits: JSON.stringify(limitsFor(rules?.signalLimits ?? null)),
  };
}
