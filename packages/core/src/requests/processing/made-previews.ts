/**
 * Finds previews that an earlier delivery of the same bytes left, for example when a file was taken over from an earlier
 * round.
 */
import { and, desc, eq, ne } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { stageRuns } from '@turnover/db/schema/jobs';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { previewVersion } from '@turnover/domain/media/previews';
import { stageReads } from '@turnover/domain/media/stages';
import { previewsOf } from '../../previews.ts';
import type { StageFacts, StageOfFile } from './stages.ts';

/**
 * The facts of the stage that made the previews. Null when they must be made: none are complete, stored and of the current
 * version.
 */
export function previewsMadeBefore(
  db: Reader,
  { run, file }: Pick<StageOfFile, 'run' | 'file'>,
): StageFacts | null {
  if (!stageReads(run.stage, 'previews')) return null;
  const earlier = db
    .select({ facts: stageRuns.facts, problemCount: stageRuns.problemCount })
    .from(stageRuns)
    .innerJoin(deliveredFiles, eq(deliveredFiles.id, stageRuns.fileId))
    .where(
      and(
        eq(deliveredFiles.assetId, file.assetId),
        eq(stageRuns.stage, run.stage),
        eq(stageRuns.status, 'done'),
        ne(stageRuns.id, run.id),
      ),
    )
    .orderBy(desc(stageRuns.endAt))
    .limit(1)
    .get();
  if (!earlier || earlier.problemCount > 0) return null;
  const { version, missing, previews } = earlier.facts;
  if (version !== previewVersion || missing !== undefined || typeof previews !== 'string') return null;
  const there = new Set<string>(previewsOf(db, file.assetId).map(({ kind }) => kind));
  return previews.split(' ').every((kind) => there.has(kind)) ? earlier.facts : null;
}
