/** Renames, removes and clears the files of a request, and adds the file of an upload. */
import { and, desc, eq, inArray } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { assets } from '@turnover/db/schema/assets';
import { events } from '@turnover/db/schema/events';
import { stageRuns } from '@turnover/db/schema/jobs';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { HubError, notFound } from '@turnover/domain/errors';
import { lastSegment, nameProblem } from '@turnover/domain/names/names';
import { nameInvalid } from '@turnover/domain/names/refused-names';
import type { DeliveredFileView, FileSelection, RemovedFilesView } from '@turnover/domain/requests/files';
import { refuseAction, rowOf, type ContentAction } from '@turnover/domain/requests/actions';
import { isBeingProcessed } from '@turnover/domain/requests/machine';
import { loadDeliveredFile, loadRequest, type DeliveredFile, type DeliveryRequest } from '../../access.ts';
import type { Context, PersonContext } from '../../context.ts';
import { appendEvent } from '../../events.ts';
import { addFiles, keysOfPath, refuseTakenPath } from './add.ts';
import { viewFile } from './list.ts';
import { changeCounters, everyFile, hasLiveStage } from './remove.ts';
import { isManifest } from '../../manifests/recognition.ts';
import { viewKnownPeople } from '../../people/person-view.ts';
import { removeSelected } from './remove-many.ts';
import { refuseSystemFile } from '../rule-checks.ts';
import { contentFacts, currentRequest, refused } from '../transitions.ts';

type NewDeliveredFile = {
  request: DeliveryRequest;
  /** The full path in the request: folders and name, joined by `/`. */
  path: string;
  assetId: string;
  sizeBytes: number;
  deliveredBy: string;
  /** Whether to replace the present file with this name. */
  replace: boolean;
};

/** Adds one file and returns its id. Throws when the request takes no files now, or the name is taken. */
export function addDeliveredFile(
  tx: Transaction,
  ctx: Pick<Context, 'clock' | 'newId'>,
  { request, deliveredBy, replace, ...file }: NewDeliveredFile,
): string {
  const delivery = { ...file, isManifest: false };
  return addFiles(tx, ctx, request, [delivery], { deliveredBy, replace }).fileIds[0]!;
}

/**
 * Renames the last segment of the path. The file may get a new id, because a submitted round keeps the name that it was
 * submitted with. Checks whether the new name makes it a checksum list.
 */
export async function renameFile(
  ctx: PersonContext,
  { id }: Pick<DeliveredFile, 'id'>,
  name: string,
  seenName?: string,
): Promise<DeliveredFileView> {
  const problem = nameProblem(name);
  if (problem) throw nameInvalid(name, problem);
  refuseSystemFile(name);
  const asset = assetOf(ctx.db, id);
  const becomesManifest =
    asset.state === 'stored' &&
    (await isManifest(ctx.storage, { name, assetId: asset.id, sizeBytes: asset.sizeBytes }));
  const renamedId = inTransaction(ctx.db, (tx) => {
    const { file, request } = loadDeliveredFile(tx, ctx.person, id, 'file:rename');
    requireUnchanged(tx, ctx, file, seenName);
    requireGate(tx, ctx.person.id, request, 'rename', { fileIds: [id] });
    const path = file.path.slice(0, file.path.lastIndexOf('/') + 1) + name;
    if (path === file.path) return id;
    refuseTakenPath(tx, request.id, path, id);
    const renamed = { path, ...keysOfPath(path), isManifest: becomesManifest };
    const fileId = file.addedRound === request.round ? id : leaveInRound(tx, ctx, request, file);
    tx.update(deliveredFiles).set(renamed).where(eq(deliveredFiles.id, fileId)).run();
    const manifests = Number(becomesManifest) - Number(file.isManifest);
    changeCounters(tx, ctx, request.id, { files: 0, bytes: 0, manifests });
    appendEvent(tx, ctx.clock, {
      kind: 'file.renamed',
      projectId: request.projectId,
      requestId: request.id,
      deliveredBy: file.deliveredBy,
      actorId: ctx.person.id,
      data: { fileId, from: file.path, to: path },
    });
    return fileId;
  });
  return viewFile(ctx, renamedId);
}

/** Throws `changed_meanwhile` when the file is gone, or no longer has the name that the person started from. */
function requireUnchanged(
  tx: Transaction,
  { person }: PersonContext,
  { requestId, path, removedAt, removal, ...file }: DeliveredFile,
  seenName: string | undefined,
): void {
  if (removedAt === null && (seenName === undefined || lastSegment(path) === seenName)) return;
  const renaming = tx
    .select({ actorId: events.actorId, data: events.data })
    .from(events)
    .where(and(eq(events.requestId, requestId), eq(events.kind, 'file.renamed')))
    .orderBy(desc(events.id))
    .limit(renamingsRead)
    .all()
    .find(({ data }) => (removedAt === null ? data.to : data.from) === path);
  const isRenamed = removedAt === null || removal === 'renamed';
  const actorId = isRenamed ? (renaming?.actorId ?? null) : file.removedBy;
  const { projectId } = currentRequest(tx, requestId);
  const by = actorId && viewKnownPeople(tx, person, projectId, [actorId])(actorId);
  throw new HubError('changed_meanwhile', 'Somebody renamed or removed this file in the meantime.', {
    what: isRenamed ? 'renamed' : 'removed',
    name: lastSegment(isRenamed ? String(renaming?.data.to ?? path) : path),
    by: by ? by.name : null,
  });
}

/** The most recent renamings of the request that are searched for one of this file. */
const renamingsRead = 200;

/** Keeps the row for the rounds in which it was submitted. Returns the id of a copy, which has the results of its stages. */
function leaveInRound(
  tx: Transaction,
  ctx: PersonContext,
  request: DeliveryRequest,
  file: DeliveredFile,
): string {
  const { round } = request;
  const id = ctx.newId('deliveredFile');
  const removed = { removedAt: ctx.clock(), removedRound: round, removedBy: ctx.person.id };
  tx.update(deliveredFiles)
    .set({ ...removed, removal: 'renamed' })
    .where(eq(deliveredFiles.id, file.id))
    .run();
  tx.insert(deliveredFiles)
    .values({ ...file, id, addedRound: round })
    .run();
  const runs = tx
    .select()
    .from(stageRuns)
    .where(and(eq(stageRuns.fileId, file.id), inArray(stageRuns.status, ['done', 'skipped'])))
    .all();
  if (runs.length > 0) {
    tx.insert(stageRuns)
      .values(runs.map((run) => ({ ...run, id: ctx.newId('stageRun'), fileId: id })))
      .run();
  }
  return id;
}

/** Removes one or several files. Skips files that are already gone; throws `conflict` when all of them are. */
export function removeFiles(
  ctx: PersonContext,
  { id }: Pick<DeliveryRequest, 'id'>,
  selection: FileSelection,
): RemovedFilesView {
  return inTransaction(ctx.db, (tx) => {
    const request = loadRequest(tx, ctx.person, id, 'file:remove');
    requireGate(tx, ctx.person.id, request, 'remove', selection);
    const by = { removal: 'removed', actorId: ctx.person.id } as const;
    // Reads the clock once, because `undo` finds the files by the time of their removal.
    const now = ctx.clock();
    const removed = removeSelected(tx, { ...ctx, clock: () => now }, request, selection, by);
    if (removed === 0) throw new HubError('conflict', 'None of these files is in the request any longer.');
    const isByWorker = currentRequest(tx, id).removal !== null;
    return { removed, undo: isByWorker ? null : now };
  });
}

/** Removes all files. This is how people correct a request with a checksum list. */
export function clearFiles(ctx: PersonContext, { id }: Pick<DeliveryRequest, 'id'>): RemovedFilesView {
  return inTransaction(ctx.db, (tx) => {
    const request = loadRequest(tx, ctx.person, id, 'file:clear');
    requireGate(tx, ctx.person.id, request, 'clear', everyFile);
    const by = { removal: 'cleared', actorId: ctx.person.id } as const;
    return { removed: removeSelected(tx, ctx, request, everyFile, by), undo: null };
  });
}

/** Throws when the action is not possible for these files now. Reports processing first, then the checksum, then the status. */
export function requireGate(
  db: Reader,
  readerId: string,
  request: DeliveryRequest,
  action: ContentAction,
  selection: FileSelection,
): void {
  const isProcessing =
    rowOf(action).touches !== undefined &&
    (isBeingProcessed(request.status) || hasLiveStage(db, request, selection));
  const refusal = refuseAction(action, { ...contentFacts(request), isProcessing });
  if (refusal) throw refused(db, request, refusal, readerId);
}

export function assetOf(db: Reader, fileId: string): typeof assets.$inferSelect {
  const row = db
    .select({ asset: assets })
    .from(deliveredFiles)
    .innerJoin(assets, eq(assets.id, deliveredFiles.assetId))
    .where(eq(deliveredFiles.id, fileId))
    .get();
  if (!row) throw notFound();
  return row.asset;
}
