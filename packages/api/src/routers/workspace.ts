/** The caller's Workspace, and the entries that others share with them. */
import { z } from 'zod';
import { archiveEntries } from '@turnover/core/archives/prepared';
import { listTrash } from '@turnover/core/workspace/trash-list';
import { removeEntries, removeEntry, restoreEntries, restoreEntry } from '@turnover/core/workspace/trash';
import { createFolders, createFolderWith, getEntry, renameEntry } from '@turnover/core/workspace/workspace';
import { listDeliveries } from '@turnover/core/entries/deliveries';
import { findInWorkspace, listWorkspace } from '@turnover/core/entries/list';
import { frameFilesOfEntry, framesOfEntry } from '@turnover/core/entries/played-frames';
import { searchWorkspace } from '@turnover/core/entries/search';
import { moveEntries, previewMove, undoMove } from '@turnover/core/workspace/move';
import { previewRemoval } from '@turnover/core/workspace/sight';
import { emptyTrash, purgeEntries } from '@turnover/core/workspace/trash-end';
import { makeEntryPreviews, viewEntryPreviews } from '@turnover/core/workspace/previews';
import { listVersions, restoreVersion } from '@turnover/core/workspace/versions';
import { archiveEntriesInput, archiveView } from '@turnover/domain/archives/archives';
import { entryPreviewsInput, previewRunView } from '@turnover/domain/media/preview-runs';
import { createdFoldersView, createFoldersInput } from '@turnover/domain/workspace/checked-names';
import {
  createFolderInput,
  entryDetailsView,
  entryView,
  findInWorkspaceInput,
  foundInWorkspaceView,
  listTrashInput,
  listWorkspaceInput,
  movedView,
  moveInput,
  movePreviewView,
  previewMoveInput,
  purgedView,
  removalPreviewView,
  removedEntriesView,
  renameEntryInput,
  restoredEntriesView,
  restoreEntriesInput,
  searchWorkspaceInput,
  searchWorkspaceView,
  selectEntriesInput,
  trashListView,
  undoMoveInput,
  workspaceListView,
} from '@turnover/domain/workspace/entries';
import { entryDeliveriesView } from '@turnover/domain/workspace/deliveries';
import {
  frameFilesOfEntryInput,
  frameFilesView,
  playedFramesView,
} from '@turnover/domain/sequences/played-frames';
import { entryVersionsView, restoreVersionInput } from '@turnover/domain/workspace/versions';
import { onEntry, onProject, onTrashedEntry } from '../procedures.ts';
import { t } from '../trpc.ts';

export const workspaceRouter = t.router({
  list: onProject('workspace:use')
    .input(listWorkspaceInput)
    .output(workspaceListView)
    .query(({ ctx, input }) => listWorkspace(ctx.hub, input)),
  find: onProject('workspace:use')
    .input(findInWorkspaceInput)
    .output(foundInWorkspaceView)
    .query(({ ctx, input }) => findInWorkspace(ctx.hub, input)),
  search: onProject('workspace:use')
    .input(searchWorkspaceInput)
    .output(searchWorkspaceView)
    .query(({ ctx, input }) => searchWorkspace(ctx.hub, input)),
  get: onEntry('view')
    .output(entryDetailsView)
    .query(({ ctx }) => getEntry(ctx.hub, ctx.entry)),
  deliveries: onEntry('view')
    .output(entryDeliveriesView)
    .query(({ ctx }) => listDeliveries(ctx.hub, ctx.entry)),
  /** An image sequence, own or shared, and its first frames. Null when the entry is not a sequence. */
  frames: onEntry('view')
    .output(playedFramesView.nullable())
    .query(({ ctx }) => framesOfEntry(ctx.hub, ctx.entry)),
  /** The files of some frames of that sequence, up to 250 numbers at a time. */
  frameFiles: onEntry('view')
    .input(frameFilesOfEntryInput)
    .output(frameFilesView.nullable())
    .query(({ ctx, input }) => frameFilesOfEntry(ctx.hub, ctx.entry, input)),
  /** The previews of the caller's own files and of files shared with them. */
  previews: onProject('workspace:use')
    .input(entryPreviewsInput)
    .output(z.array(previewRunView))
    .query(({ ctx, input }) => viewEntryPreviews(ctx.hub, input)),
  /** Queues the previews of files that have none. This does not inspect the files. */
  makePreviews: onProject('workspace:use')
    .input(entryPreviewsInput)
    .output(z.array(previewRunView))
    .mutation(({ ctx, input }) => makeEntryPreviews(ctx.hub, input)),
  createFolder: onProject('workspace:use')
    .input(createFolderInput)
    .output(entryView)
    .mutation(({ ctx, input }) => createFolderWith(ctx.hub, input)),
  createFolders: onProject('workspace:use')
    .input(createFoldersInput)
    .output(createdFoldersView)
    .mutation(({ ctx, input }) => createFolders(ctx.hub, input)),
  rename: onEntry('update')
    .input(renameEntryInput)
    .output(entryView)
    .mutation(({ ctx, input }) => renameEntry(ctx.hub, ctx.entry, input.name, input.seenName)),
  versions: onEntry('view')
    .output(entryVersionsView)
    .query(({ ctx }) => listVersions(ctx.hub, ctx.entry)),
  restoreVersion: onEntry('update')
    .input(restoreVersionInput)
    .output(entryView)
    .mutation(({ ctx, input }) => restoreVersion(ctx.hub, input.entryId, input.versionId)),
  /** Prepares one ZIP of the selection. For a single folder or sequence, use `GET /files/<its id>` directly. */
  archive: onProject('workspace:use')
    .input(archiveEntriesInput)
    .output(archiveView)
    .mutation(({ ctx, input }) => archiveEntries(ctx.hub, input.projectId, input.selection)),
  previewMove: onProject('workspace:use')
    .input(previewMoveInput)
    .output(movePreviewView)
    // Changes nothing; a mutation because the selection is too long for a query's URL.
    .mutation(({ ctx, input }) => previewMove(ctx.hub, input)),
  move: onProject('workspace:use')
    .input(moveInput)
    .output(movedView)
    .mutation(({ ctx, input }) => moveEntries(ctx.hub, input)),
  undoMove: onProject('workspace:use')
    .input(undoMoveInput)
    .output(z.void())
    .mutation(({ ctx, input }) => undoMove(ctx.hub, input)),
  remove: onEntry('update')
    .output(z.void())
    .mutation(({ ctx }) => removeEntry(ctx.hub, ctx.entry)),
  previewRemoval: onProject('workspace:use')
    .input(selectEntriesInput)
    .output(removalPreviewView)
    // Changes nothing; a mutation because the selection is too long for a query's URL.
    .mutation(({ ctx, input }) => previewRemoval(ctx.hub, input)),
  removeMany: onProject('workspace:use')
    .input(selectEntriesInput)
    .output(removedEntriesView)
    .mutation(({ ctx, input }) => removeEntries(ctx.hub, input.projectId, input.selection)),
  listTrash: onProject('workspace:use')
    .input(listTrashInput)
    .output(trashListView)
    .query(({ ctx, input }) => listTrash(ctx.hub, input)),
  restore: onTrashedEntry.output(entryView).mutation(({ ctx }) => restoreEntry(ctx.hub, ctx.entry)),
  restoreMany: onProject('workspace:use')
    .input(restoreEntriesInput)
    .output(restoredEntriesView)
    .mutation(({ ctx, input }) => restoreEntries(ctx.hub, input.entryIds)),
  purge: onProject('workspace:use')
    .input(restoreEntriesInput)
    .output(purgedView)
    .mutation(({ ctx, input }) => purgeEntries(ctx.hub, input)),
  emptyTrash: onProject('workspace:use')
    .output(purgedView)
    .mutation(({ ctx, input }) => emptyTrash(ctx.hub, input)),
});
