/** The stages that request types can choose: Turnover's own, and the outside stages that a worker has reported. */
import { asc, eq } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { capabilities } from '@turnover/db/schema/capabilities';
import { outsideStages } from '@turnover/db/schema/outside-stages';
import { basisOf, type StageChoiceView } from '@turnover/domain/media/stage-choice';
import { isIndispensable } from '@turnover/domain/media/stage-control';
import { stageNames } from '@turnover/domain/media/stages';

const maxListed = 200;

export function stageChoices(db: Reader): StageChoiceView[] {
  const found = db.select().from(capabilities).where(eq(capabilities.id, 'worker')).get()?.found;
  const outside = db.select().from(outsideStages).orderBy(asc(outsideStages.name)).limit(maxListed).all();
  return [
    ...stageNames.map((stage) => ({ stage, present: true, name: null })),
    ...outside.map(({ name: stage, stated }) => ({
      stage,
      present: found?.outsideStages.includes(stage) ?? false,
      name: stated.words.name,
    })),
  ].map((choice) => ({
    ...choice,
    optional: !isIndispensable(choice.stage),
    basis: basisOf(choice.stage) ?? null,
  }));
}
