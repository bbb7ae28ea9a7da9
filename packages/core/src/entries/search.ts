/** Searches names in all folders of the person's own Workspace. */
import { and, asc, eq, gt, isNull, or, sql, type SQL } from 'drizzle-orm';
import { entries } from '@turnover/db/schema/entries';
import type { SearchWorkspaceInput, SearchWorkspaceView } from '@turnover/domain/workspace/entries';
import { loadProject } from '../access.ts';
import { othersTurn } from '../batches.ts';
import type { PersonContext } from '../context.ts';
import { containing } from './list.ts';
import { placeKeyOf } from './lookup.ts';

const maxFound = 50;
/** The search ends after this many folders. A query reads `rowsAtOnce` rows, which takes a few milliseconds. */
const maxFolders = 20_000;
const rowsAtOnce = 4_000;

type Folder = { id: string | null; path: readonly string[] };

/** Goes through the folders level by level, so that higher entries are found first. Yields to other work between queries. */
export async function searchWorkspace(
  ctx: PersonContext,
  { projectId, text }: SearchWorkspaceInput,
): Promise<SearchWorkspaceView> {
  loadProject(ctx.db, ctx.person, projectId, 'workspace:use');
  const found: SearchWorkspaceView['found'] = [];
  const waiting: Folder[] = [{ id: null, path: [] }];
  for (let index = 0; index < waiting.length; index++) {
    if (index >= maxFolders) return { found, isComplete: false };
    const folder = waiting[index]!;
    for (const { id, kind, name, isHit } of rowsOf(ctx, projectId, folder.id, text)) {
      if (id === null) {
        await othersTurn();
        continue;
      }
      if (kind === 'folder') waiting.push({ id, path: [...folder.path, name] });
      if (!isHit) continue;
      if (found.length === maxFound) return { found, isComplete: false };
      found.push({ id, kind, name, folderId: folder.id, path: [...folder.path] });
    }
    await othersTurn();
  }
  return { found, isComplete: true };
}

type Row = { id: string | null; kind: 'file' | 'folder' | 'sequence'; name: string; isHit: number };

/** Yields folders and hits of one folder, read in pieces. A row without an id marks the end of a piece. */
function* rowsOf(
  ctx: PersonContext,
  projectId: string,
  folderId: string | null,
  text: string,
): Generator<Row, void, void> {
  const placeKey = placeKeyOf({ projectId, ownerId: ctx.person.id, folderId });
  let after: { rank: number; sortKey: string; id: string } | null = null;
  for (;;) {
    const piece: (Row & { id: string; rank: number; sortKey: string })[] = ctx.db
      .select({
        id: entries.id,
        kind: entries.kind,
        name: entries.name,
        rank: entries.rank,
        sortKey: entries.sortKey,
        isHit: sql<number>`${containing(text)}`,
      })
      .from(entries)
      .where(
        and(eq(entries.placeKey, placeKey), isNull(entries.deletedAt), after ? behind(after) : undefined),
      )
      .orderBy(asc(entries.rank), asc(entries.sortKey), asc(entries.id))
      .limit(rowsAtOnce)
      .all();
    yield* piece.filter(({ kind, isHit }) => kind === 'folder' || isHit);
    const last = piece.at(-1);
    if (!last || piece.length < rowsAtOnce) return;
    after = last;
    yield { id: null, kind: 'file', name: '', isHit: 0 };
  }
}

function behind({ rank, sortKey, id }: { rank: number; sortKey: string; id: string }): SQL | undefined {
  return or(
    gt(entries.rank, rank),
    and(
      eq(entries.rank, rank),
      or(gt(entries.sortKey, sortKey), and(eq(entries.sortKey, sortKey), gt(entries.id, id))),
    ),
  );
}
