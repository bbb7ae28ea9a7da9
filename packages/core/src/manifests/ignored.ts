/** Files that no list names because the patterns of their history or package exclude them on purpose. */
import { eq, sql } from 'drizzle-orm';
import { ignoredFiles } from '@turnover/db/schema/manifests';
import { ignoreMatcher } from '@turnover/domain/manifests/ignore-patterns';
import { inTurns } from '../batches.ts';
import type { Context } from '../context.ts';
import { inList } from '../in-list.ts';
import { underLease } from '../jobs.ts';
import type { ComparedFile } from './comparison-rows.ts';
import { rowsPerBatch } from './lists.ts';
import type { ComparisonJob } from './queue.ts';

export type Ignores = { folder: string; listId: string; patterns: readonly string[] };
export type Ignored = { listId: string; pattern: string };

/** Keyed by file id. */
export async function findIgnored(
  files: readonly ComparedFile[],
  ignores: readonly Ignores[],
): Promise<Map<string, Ignored>> {
  const found = new Map<string, Ignored>();
  if (ignores.length === 0) return found;
  const rules = ignores.map(({ patterns, ...rest }) => ({ ...rest, match: ignoreMatcher(patterns) }));
  await inTurns(files, ({ id, path, isManifest, verdicts }) => {
    if (isManifest || verdicts.length > 0) return;
    for (const { folder, listId, match } of rules) {
      if (!path.startsWith(folder)) continue;
      const pattern = match(path.slice(folder.length));
      if (pattern === null) continue;
      found.set(id, { listId, pattern });
      return;
    }
  });
  return found;
}

/** Returns the number of files that changed. */
export async function writeIgnored(
  ctx: Context,
  job: ComparisonJob,
  found: ReadonlyMap<string, Ignored>,
): Promise<number> {
  const { requestId } = job.payload;
  const known = new Map(
    ctx.db
      .select()
      .from(ignoredFiles)
      .where(eq(ignoredFiles.requestId, requestId))
      .all()
      .map((row) => [row.fileId, row]),
  );
  const gone = [...known.keys()].filter((fileId) => !found.has(fileId));
  const news = [...found].filter(([fileId, { listId, pattern }]) => {
    const row = known.get(fileId);
    return row?.listId !== listId || row.pattern !== pattern;
  });
  await inTurns(batchesOf(gone), (batch) => {
    underLease(ctx.db, job, (tx) => {
      tx.delete(ignoredFiles).where(inList(ignoredFiles.fileId, batch)).run();
    });
  });
  await inTurns(batchesOf(news), (batch) => {
    const rows = batch.map(([fileId, ignored]) => ({ fileId, requestId, ...ignored }));
    underLease(ctx.db, job, (tx) => {
      tx.insert(ignoredFiles)
        .values(rows)
        .onConflictDoUpdate({
          target: ignoredFiles.fileId,
          set: { listId: sql`excluded.list_id`, pattern: sql`excluded.pattern` },
        })
        .run();
    });
  });
  return gone.length + news.length;
}

function batchesOf<Item>(items: readonly Item[]): Item[][] {
  return Array.from({ length: Math.ceil(items.length / rowsPerBatch) }, (_, at) =>
    items.slice(at * rowsPerBatch, (at + 1) * rowsPerBatch),
  );
}
