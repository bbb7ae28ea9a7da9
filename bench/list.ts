// Lists a folder of 100,000 entries: our service (permissions, order, views, counts) beside the same rows from a bare
// prepared statement, in one process. The result is the ratio of the medians.
import type { PersonContext } from '../packages/core/src/context.ts';
import { createFolder } from '../packages/core/src/workspace/workspace.ts';
import { findInWorkspace, listWorkspace } from '../packages/core/src/entries/list.ts';
import { inTransaction } from '../packages/db/src/transaction.ts';
import { findInWorkspaceInput, listWorkspaceInput } from '../packages/domain/src/workspace/entries.ts';
import { compare, medianMs, medianMsUntil, onHub } from './in-process.ts';

const rows = 100_000;
const pageRows = 200;
const goals = { ms: 15, ratio: 3 };

export function benchList(): Promise<void> {
  return onHub('partner', async (ctx, projectId) => {
    const folderId = createFolder(ctx, { projectId, parentId: null, name: 'Everything' }).id;
    fill(ctx, projectId, folderId);
    await comparePages(ctx, projectId, folderId);
  });
}

async function comparePages(ctx: PersonContext, projectId: string, folderId: string): Promise<void> {
  const list = (more: object = {}) =>
    listWorkspace(ctx, listWorkspaceInput.parse({ projectId, folderId, limit: pageRows, ...more }));
  const bare = ctx.db.$client.prepare(
    `select entries.*, assets.state as asset_state from entries left join assets on assets.id = entries.asset_id
     where place_key = ? and rank = 1 and deleted_at is null order by sort_key, entries.id limit ${pageRows}`,
  );
  if (list().entries.length !== pageRows) throw new Error('The list has no rows: nothing would be measured.');
  const [ours, peer] = [medianMs(() => list()), medianMs(() => bare.all(folderId))];
  compare({ name: `first page of ${pageRows} of ${rows}`, ours, peer }, goals);
  const find = findInWorkspaceInput.parse({ projectId, folderId, text: 'clip_99' });
  const more: Record<string, () => unknown> = {
    'last page': () => list({ offset: rows - pageRows }),
    'by size, downwards': () => list({ order: { column: 'size', descending: true } }),
    'by state, in the middle': () => list({ order: { column: 'state' }, offset: rows / 2 }),
    'filtered by "clip_99"': () => list({ filter: 'clip_99' }),
  };
  for (const [name, work] of Object.entries(more)) {
    console.log(`  ${name.padEnd(37)} ${medianMs(work).toFixed(2)} ms`);
  }
  const foundMs = await medianMsUntil(() => findInWorkspace(ctx, find));
  console.log(`  ${'found "clip_99", in pieces'.padEnd(37)} ${foundMs.toFixed(2)} ms`);
}

/** Inserts with few statements, because adding 100,000 files one by one is not what this measures. */
function fill({ db, person, newId }: PersonContext, projectId: string, folderId: string): void {
  const asset = db.$client.prepare(
    `insert into assets (id, size_bytes, state, created_at) values (?, ?, 'stored', 1)`,
  );
  const entry = db.$client.prepare(
    `insert into entries (id, project_id, owner_id, parent_id, kind, name, name_key, sort_key, asset_id, size_bytes, file_count, created_at, updated_at)
     values (?, ?, ?, ?, 'file', ?, ?, ?, ?, ?, 1, ?, ?)`,
  );
  inTransaction(db, () => {
    for (let number = 0; number < rows; number++) {
      const assetId = newId('asset');
      const name = `clip_${String(number).padStart(6, '0')}.mov`;
      const sizeBytes = (number * 7919) % 1_000_003;
      asset.run(assetId, sizeBytes);
      const key = `clip_0${String(String(number).length).padStart(3, '0')}${number}.mov`;
      const at = number * 31;
      entry.run(newId('entry'), projectId, person.id, folderId, name, name, key, assetId, sizeBytes, at, at);
    }
  });
  // The list reads the folder's counters; without them it would be empty.
  db.$client
    .prepare('update entries set item_count = ?, file_count = ? where id = ?')
    .run(rows, rows, folderId);
  db.$client.exec('analyze');
}
