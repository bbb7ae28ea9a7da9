/** Delivers from a Workspace into a request. Uses the same assets and copies no bytes; folders keep their structure. */
import { sql } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { versionOf } from '@turnover/db/version';
import { entries } from '@turnover/db/schema/entries';
import { isSystemLitter } from '@turnover/domain/workspace/litter';
import type { EntrySelection } from '@turnover/domain/workspace/entries';
import { HubError } from '@turnover/domain/errors';
import { nameKey } from '@turnover/domain/names/names';
import type { AddedFilesView, AddFromWorkspaceInput } from '@turnover/domain/requests/files';
import { loadRequest, relationTo, requirePermission, type DeliveryRequest } from '../access.ts';
import { inTurns, othersTurn } from '../batches.ts';
import type { PersonContext } from '../context.ts';
import { requireEntries, requireSome, selectedIds } from '../entries/selection.ts';
import { addFiles, deliveryKeys, refuseUploading, type DeliveryKeys } from '../requests/files/add.ts';
import { everyFile, takeOutFiles } from '../requests/files/remove.ts';
import { inList } from '../in-list.ts';
import { isManifest, mayBeManifest } from '../manifests/recognition.ts';
import { currentRequest, refused } from '../requests/transitions.ts';
import { refuseSystemFile, requireBlockingRules } from '../requests/rule-checks.ts';

type Input = Omit<AddFromWorkspaceInput, 'requestId'>;

type Found = { path: string; assetId: string; sizeBytes: number; isStored: boolean };

export async function addFromWorkspace(
  ctx: PersonContext,
  asked: DeliveryRequest,
  input: Input,
): Promise<AddedFilesView> {
  const { id, projectId } = asked;
  await othersTurn();
  const seenAt = versionOf(ctx.db);
  const entryIds = selectedEntries(ctx.db, ctx, projectId, input);
  await othersTurn();
  const seen = filesBelow(ctx.db, entryIds);
  await othersTurn();
  const keys = new Map<string, DeliveryKeys>();
  await inTurns(seen.files, ({ path }) => keys.set(path, deliveryKeys(path)));
  await requireBlockingRules(ctx, asked, seen.files);
  const recognised = await recogniseManifests(ctx, seen.files);
  await othersTurn();
  return inTransaction(ctx.db, (tx) => {
    const present = loadRequest(tx, ctx.person, id, 'file:add');
    // If nothing was written meanwhile the first result still holds, and reading again would take longer.
    const isSame = versionOf(ctx.db) === seenAt;
    const { files: found, leftOut } = isSame
      ? seen
      : filesBelow(tx, selectedEntries(tx, ctx, projectId, input));
    // An empty delivery must not clear the present files.
    if (found.length === 0 && leftOut.length > 0) refuseSystemFile(leftOut[0]!.path);
    if (found.length === 0) throw new HubError('nothing_changed', 'There are no files in this selection.');
    const request = input.clearExisting ? clearForRedelivery(tx, ctx, present) : present;
    const deliveries = found.map((file) => ({
      ...file,
      isManifest: isCandidate(file) && answerFor(recognised, file),
      keys: keys.get(file.path),
    }));
    refuseUploading(
      tx,
      id,
      deliveries.map((file) => file.keys?.path ?? nameKey(file.path)),
    );
    const terms = { deliveredBy: ctx.person.id, replace: input.replace };
    const { fileIds, replaced } = addFiles(tx, ctx, request, deliveries, terms);
    const omitted = leftOut.length > 0 && { leftOut: leftOut.length };
    return { added: fileIds.length, replaced, ...omitted };
  });
}

/** Returns the request without its files. */
function clearForRedelivery(tx: Transaction, ctx: PersonContext, request: DeliveryRequest): DeliveryRequest {
  requirePermission('file:clear', relationTo(tx, ctx.person, request));
  if (request.status !== 'redelivery') {
    const details = { action: 'clear', status: request.status };
    throw refused(tx, request.id, { code: 'status_forbids', details });
  }
  takeOutFiles(tx, ctx, request, everyFile, { removal: 'cleared', actorId: ctx.person.id });
  return currentRequest(tx, request.id);
}

function selectionOf({ entryIds, selection }: Input): EntrySelection {
  return selection ?? { entryIds: entryIds ?? [] };
}

function selectedEntries(db: Reader, ctx: PersonContext, projectId: string, input: Input): string[] {
  const entryIds = selectedIds(ctx, projectId, selectionOf(input));
  requireSome(entryIds);
  requireEntries(db, ctx, projectId, entryIds, 'update');
  return entryIds;
}

/** The files among the entries and in all folders below them, by path. System files go into `leftOut`. */
function filesBelow(db: Reader, entryIds: readonly string[]): { files: Found[]; leftOut: Found[] } {
  const rows = db.all<Omit<Found, 'isStored'> & { isStored: number }>(sql`
    with recursive tree(id, kind, asset_id, folder, name) as (
      select id, kind, asset_id, '', name from entries where ${inList(entries.id, entryIds)}
      union all
      -- A sequence is no folder of the delivery: its frames lie beside each other where it lies.
      select child.id, child.kind, child.asset_id,
        case tree.kind when 'folder' then tree.folder || tree.name || '/' else tree.folder end, child.name
      from tree join entries as child on child.parent_id = tree.id
      where tree.kind <> 'file' and child.deleted_at is null
    )
    select tree.folder || tree.name as path, tree.asset_id as assetId, assets.size_bytes as sizeBytes, assets.state = 'stored' as isStored
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

/** Reads possible checksum lists before the transaction, which cannot wait. Returns the answer by asset id. */
async function recogniseManifests(
  ctx: PersonContext,
  files: readonly Found[],
): Promise<Map<string, boolean>> {
  const answers = new Map<string, boolean>();
  for (const file of files.filter(isCandidate)) {
    if (answers.has(file.assetId)) continue;
    answers.set(file.assetId, await isManifest(ctx.storage, { ...file, name: file.path }));
  }
  return answers;
}

function isCandidate({ path, sizeBytes, isStored }: Found): boolean {
  return isStored && mayBeManifest({ name: path, sizeBytes });
}

function answerFor(answers: ReadonlyMap<string, boolean>, { assetId }: Found): boolean {
  const answer = answers.get(assetId);
  // It came into the folder, or was published, while the others were read.
  if (answer === undefined) throw new HubError('conflict', 'The Workspace changed in the meantime.');
  return answer;
}
