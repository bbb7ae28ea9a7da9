/** Stores how outside stages describe themselves, for the pages that show their runs. */
import { isDeepStrictEqual } from 'node:util';
import { inArray } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { outsideStages } from '@turnover/db/schema/outside-stages';
import { inTransaction } from '@turnover/db/transaction';
import { isOutsideStage, type OutsideStage } from '@turnover/domain/media/outside-stages';
import type { RoundStages } from '@turnover/domain/media/stage-choice';
import type { StageText } from '@turnover/domain/media/stage-words';
import type { Context } from '../../context.ts';

/** Stores the outside stages. The worker calls it at start. Stages that are no longer configured stay stored. */
export function recordOutsideStages(ctx: Context, stages: readonly OutsideStage[]): void {
  const known = outsideStagesOf(
    ctx.db,
    stages.map(({ name }) => name),
  );
  const changed = stages.filter((stage) => !isDeepStrictEqual(known.get(stage.name), stage));
  if (changed.length === 0) return;
  inTransaction(ctx.db, (tx) => {
    for (const stated of changed) {
      const row = { stated, updatedAt: ctx.clock() };
      tx.insert(outsideStages)
        .values({ name: stated.name, ...row })
        .onConflictDoUpdate({ target: outsideStages.name, set: row })
        .run();
    }
  });
}

/** The outside stages, keyed by name. Turnover's own stages among `stages` are left out. */
export function outsideStagesOf(db: Reader, stages: readonly string[]): Map<string, OutsideStage> {
  const names = [...new Set(stages.filter(isOutsideStage))];
  if (names.length === 0) return new Map();
  const rows = db.select().from(outsideStages).where(inArray(outsideStages.name, names)).all();
  return new Map(rows.map(({ name, stated }) => [name, stated]));
}

/** The outside stages that a round asked for, and those that its type left out. */
export function outsideStagesOfRound(db: Reader, stages: RoundStages | null): Map<string, OutsideStage> {
  return outsideStagesOf(db, [...(stages?.asked ?? []), ...(stages?.leftOut ?? [])]);
}

export function namesOfStages(outside: ReadonlyMap<string, OutsideStage>): Record<string, StageText> {
  return Object.fromEntries([...outside].map(([name, { words }]) => [name, words.name]));
}
