/** Finds previews that the same bytes already have: from an earlier delivery, or because somebody opened them in a Workspace. */
import { extname } from 'node:path';
import { and, desc, eq, ne } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { previewRuns } from '@turnover/db/schema/assets';
import { stageRuns } from '@turnover/db/schema/jobs';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { previewVersion } from '@turnover/domain/media/previews';
import { stageReads } from '@turnover/domain/media/stages';
import { previewsOf } from '../../previews.ts';
import type { StageFacts, StageOfFile } from './stages.ts';

/** What the stage said that made them; null: they have to be made. Only what is whole, there, and of this version counts. */
export function previewsMadeBefore(
  db: Reader,
  { run, file }: Pick<StageOfFile, 'run' | 'file'>,
): StageFacts | null {
  if (!stageReads(run.stage, 'previews')) return null;
  const facts = factsOfDelivery(db, { run, file }) ?? factsOfAsking(db, file);
  if (!facts) return null;
  const { version, missing, previews } = facts;
  if (version !== previewVersion || missing !== undefined || typeof previews !== 'string') return null;
  const kinds = previews.split(' ');
  // Only a waveform needs no ffmpeg. The sound itself can be had when there is one by now.
  const isBare = facts.ffmpeg === undefined && kinds.includes('peaks') && !kinds.includes('sound');
  if (isBare) return null;
  const there = new Set<string>(previewsOf(db, file.assetId).map(({ kind }) => kind));
  return kinds.every((kind) => there.has(kind)) ? facts : null;
}

function factsOfDelivery(db: Reader, { run, file }: Pick<StageOfFile, 'run' | 'file'>): StageFacts | null {
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
  return earlier && earlier.problemCount === 0 ? earlier.facts : null;
}

/** A text is read as its name says, so the name must be of the same kind. */
function factsOfAsking(db: Reader, { assetId, path }: StageOfFile['file']): StageFacts | null {
  const asked = db.select().from(previewRuns).where(eq(previewRuns.assetId, assetId)).get();
  return asked && extname(asked.name).toLowerCase() === extname(path).toLowerCase() ? asked.facts : null;
}
