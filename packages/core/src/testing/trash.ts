/** Test data: a Workspace with files that have bytes, for tests of the trash and of expiry. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { eq, sql } from 'drizzle-orm';
import { assets } from '@turnover/db/schema/assets';
import { entries } from '@turnover/db/schema/entries';
import { inTransaction } from '@turnover/db/transaction';
import type { Entry } from '../access.ts';
import type { Person } from '../context.ts';
import { insertFile, insertFolderRow, trashEntries } from '../entries/tree.ts';
import { requestScene } from './requests.ts';

export type TrashScene = Awaited<ReturnType<typeof trashScene>>;

export async function trashScene() {
  const scene = await requestScene();
  const { hub, project, people } = scene;
  const ctx = hub.as(people.partner);
  const place = (folderId: string | null, owner: Person) => ({
    projectId: project.id,
    ownerId: owner.id,
    folderId,
  });
  const rowOf = (id: string): Entry | undefined =>
    hub.db.select().from(entries).where(eq(entries.id, id)).get();
  const assetOf = (id: string) => hub.db.select().from(assets).where(eq(assets.id, id)).get()!;

  return {
    ...scene,
    ctx,
    rowOf,
    assetOf,
    addFolder: (name: string, folderId: string | null = null, owner = people.partner): string =>
      inTransaction(hub.db, (tx) => insertFolderRow(tx, ctx, place(folderId, owner), name, { by: owner.id })),
    addFile(
      name: string,
      folderId: string | null = null,
      {
        assetId = scene.createAsset(name),
        owner = people.partner,
        state = 'stored' as 'stored' | 'verifying',
      } = {},
    ): { id: string; assetId: string } {
      const file = { name, assetId, sizeBytes: name.length, state };
      const id = inTransaction(hub.db, (tx) =>
        insertFile(tx, ctx, place(folderId, owner), file, { by: owner.id }),
      );
      return { id, assetId };
    },
    trash(...ids: string[]): void {
      inTransaction(hub.db, (tx) =>
        trashEntries(
          tx,
          ctx,
          ids.map((id) => rowOf(id)!),
          { by: people.partner.id },
        ),
      );
    },
    /** Returns the names in the partner's Workspace, sorted. */
    names: (): string[] =>
      hub.db
        .select({ name: entries.name })
        .from(entries)
        .where(eq(entries.ownerId, people.partner.id))
        .all()
        .map(({ name }) => name)
        .toSorted(),
    /** Inserts many files at once, without bytes and without updating the folder's counters. */
    addMany(folderId: string, files: number): void {
      const numbers = sql`with recursive numbers(n) as (select 0 union all select n + 1 from numbers where n < ${files - 1})`;
      hub.db.run(sql`insert into assets (id, size_bytes, state, created_at)
        ${numbers} select printf('ast_%05d', n), 1, 'stored', 1 from numbers`);
      hub.db
        .run(sql`insert into entries (id, project_id, owner_id, parent_id, kind, name, name_key, sort_key, asset_id,
          size_bytes, file_count, created_at, updated_at)
        ${numbers} select printf('ent_%05d', n), ${project.id}, ${people.partner.id}, ${folderId}, 'file',
          n || '.mov', n || '.mov', n || '.mov', printf('ast_%05d', n), 1, 1, 1, 1 from numbers`);
    },
    inVault: (assetId: string) => existsSync(hub.storage.vaultPath(assetId)),
    inQuarantine: (assetId: string) => existsSync(join(hub.folder, 'quarantine', assetId)),
  };
}
