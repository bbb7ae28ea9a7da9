/** The files of a Workspace selection as a request would get them: with their folders and without system files. */
import { sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { entries } from '@turnover/db/schema/entries';
import type { EntrySelection } from '@turnover/domain/workspace/entries';
import { isSystemLitter } from '@turnover/domain/workspace/litter';
import type { PersonContext } from '../context.ts';
import { requireEntries, requireSome, selectedIds } from '../entries/selection.ts';
import { inList } from '../in-list.ts';

export type SelectedFile = {
  entryId: string;
  path: string;
  assetId: string;
  sizeBytes: number;
  isStored: boolean;
};

/** `entryIds` is the short form of a selection. */
export type SelectionInput = { entryIds?: string[] | undefined; selection?: EntrySelection | undefined };

/** The selected entries, without those inside another selected entry. Throws unless the person may deliver each of them. */
export function selectedEntries(
  db: Reader,
  ctx: PersonContext,
  projectId: string,
  { entryIds, selection }: SelectionInput,
): string[] {
  const ids = selectedIds(ctx, projectId, selection ?? { entryIds: entryIds ?? [] });
  requireSome(ids);
  requireEntries(db, ctx, projectId, ids, 'update');
  return ids;
}

/** The files among the entries and in all folders below them, sorted by path. System files go into `leftOut`. */
export function filesBelow(
  db: Reader,
  entryIds: readonly string[],
): { files: SelectedFile[]; leftOut: SelectedFile[] } {
  const rows = db.all<Omit<SelectedFile, 'isStored'> & { isStored: number }>(sql`
    with recursive tree(id, kind, asset_id, folder, name) as (
      select id, kind, asset_id, '', name from entries where ${inList(entries.id, entryIds)}
      union all
      -- A sequence is no folder of the delivery: its frames lie beside each other where it lies.
      select child.id, child.kind, child.asset_id,
        case tree.kind when 'folder' then tree.folder || tree.name || '/' else tree.folder end, child.name
      from tree join entries as child on child.parent_id = tree.id
      where tree.kind <> 'file' and child.deleted_at is null
    )
    select tree.id as entryId, tree.folder || tree.name as path, tree.asset_id as assetId,
      assets.size_bytes as sizeBytes, assets.state = 'stored' as isStored
    from tree join assets on assets.id = tree.asset_id
    where assets.state in ('stored', 'verifying')
    order by path`);
  const found = rows.map((row) => ({ ...row, isStored: row.isStored === 1 }));
  const isLeftOut = found.map(({ path }) => isSystemLitter(path));
  return {
    files: found.filter((_, index) => !isLeftOut[index]),
    leftOut: found.filter((_, index) => isLeftOut[index]),
  };
}
