/** Lists the image sequences among the files of a request. */
import { and, asc, eq, gt, isNull } from 'drizzle-orm';
import { assets } from '@turnover/db/schema/assets';
import { deliveredFiles } from '@turnover/db/schema/requests';
import type { RequestSequencesView } from '@turnover/domain/requests/files';
import { FrameSets, type FrameSequence } from '@turnover/domain/sequences/frame-sets';
import { seesOwnFilesOnly, type DeliveryRequest } from '../../access.ts';
import { inTurns } from '../../batches.ts';
import type { PersonContext } from '../../context.ts';

const filesPerPage = 500;
const maxListed = 200;
const maxRanges = 20;

/** Sorted by folder and name. Counts only their own files for roles that see only those. */
export async function listSequences(
  ctx: PersonContext,
  request: DeliveryRequest,
): Promise<RequestSequencesView> {
  const folders = new Map<string, FrameSets>();
  await inTurns(filesOf(ctx, request), ({ path, sizeBytes }) => {
    const slash = path.lastIndexOf('/') + 1;
    const folder = path.slice(0, Math.max(0, slash - 1));
    const sets = folders.get(folder) ?? new FrameSets();
    if (sets.add(path.slice(slash), sizeBytes)) folders.set(folder, sets);
  });
  const found: RequestSequencesView['sequences'] = [];
  let total = 0;
  await inTurns(folders, ([folder, sets]) => {
    const { sequences } = sets.end();
    total += sequences.length;
    const left = maxListed - found.length;
    for (const sequence of sequences.sort(byPattern).slice(0, left)) found.push(toView(folder, sequence));
  });
  return { sequences: found, total };
}

function byPattern(one: FrameSequence, other: FrameSequence): number {
  return one.pattern < other.pattern ? -1 : Number(one.pattern > other.pattern);
}

function toView(folder: string, sequence: FrameSequence): RequestSequencesView['sequences'][0] {
  const { pattern: name, files, sizeBytes, duplicates, ranges, gaps, ...frames } = sequence;
  const { first, last, count, step, missing } = frames;
  return {
    folder,
    name,
    files,
    sizeBytes,
    sameFrames: duplicates.slice(0, maxRanges),
    frames: {
      first,
      last,
      count,
      step,
      missing,
      duplicates: files - count,
      ranges: ranges?.slice(0, maxRanges) ?? null,
      gaps: gaps?.slice(0, maxRanges) ?? null,
    },
  };
}

/** Reads all files in pages, sorted by path, so that folders come in order. */
function* filesOf(
  ctx: PersonContext,
  request: DeliveryRequest,
): Iterable<{ path: string; sizeBytes: number }> {
  const { path, pathKey, deliveredBy, requestId, removedAt } = deliveredFiles;
  const isOwnOnly = seesOwnFilesOnly(ctx.db, ctx.person, request.projectId);
  for (let after = ''; ;) {
    const page = ctx.db
      .select({ path, key: pathKey, sizeBytes: assets.sizeBytes })
      .from(deliveredFiles)
      .innerJoin(assets, eq(assets.id, deliveredFiles.assetId))
      .where(
        and(
          eq(requestId, request.id),
          isNull(removedAt),
          gt(pathKey, after),
          isOwnOnly ? eq(deliveredBy, ctx.person.id) : undefined,
        ),
      )
      .orderBy(asc(pathKey))
      .limit(filesPerPage)
      .all();
    yield* page;
    if (page.length < filesPerPage) return;
    after = page.at(-1)!.key;
  }
}
