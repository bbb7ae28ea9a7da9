/** The files of a request. */
import { clearFiles, removeFiles, renameFile, restoreFile } from '@turnover/core/requests/files/files';
import { listRequestFiles, viewFile } from '@turnover/core/requests/files/list';
import { listSequences } from '@turnover/core/requests/files/sequences';
import { listRemovedFiles } from '@turnover/core/requests/files/trash';
import { addFromWorkspace } from '@turnover/core/workspace/deliver';
import { actions } from '@turnover/domain/requests/actions';
import {
  addedFilesView,
  addFromWorkspaceInput,
  deliveredFileView,
  listRemovedFilesInput,
  listRequestFilesInput,
  removedFilesListView,
  removedFilesView,
  removeFilesInput,
  renameFileInput,
  requestFileListView,
  requestSequencesView,
} from '@turnover/domain/requests/files';
import { onAction, onFile, onRequest } from '../procedures.ts';
import { t } from '../trpc.ts';

export const requestFilesRouter = t.router({
  list: onRequest('request:view')
    .input(listRequestFilesInput)
    .output(requestFileListView)
    .query(({ ctx, input }) => listRequestFiles(ctx.hub, ctx.request, input)),
  /** Image sequences among the files, one row each. */
  sequences: onRequest('request:view')
    .output(requestSequencesView)
    .query(({ ctx }) => listSequences(ctx.hub, ctx.request)),
  get: onFile('file:view')
    .output(deliveredFileView)
    .query(({ ctx }) => viewFile(ctx.hub, ctx.file.id)),
  addFromWorkspace: onAction('add')
    .input(addFromWorkspaceInput)
    .output(addedFilesView)
    .mutation(({ ctx, input }) => addFromWorkspace(ctx.hub, ctx.request, input)),
  rename: onFile(actions.rename.permission)
    .input(renameFileInput)
    .output(deliveredFileView)
    .mutation(({ ctx, input }) => renameFile(ctx.hub, ctx.file, input.name)),
  remove: onAction('remove')
    .input(removeFilesInput)
    .output(removedFilesView)
    .mutation(({ ctx, input }) => removeFiles(ctx.hub, ctx.request, input.selection)),
  clear: onAction('clear')
    .output(removedFilesView)
    .mutation(({ ctx }) => clearFiles(ctx.hub, ctx.request)),
  removed: onRequest('request:update')
    .input(listRemovedFilesInput)
    .output(removedFilesListView)
    .query(({ ctx, input }) => listRemovedFiles(ctx.hub, ctx.request, input)),
  restore: onFile('request:update')
    .output(deliveredFileView)
    .mutation(({ ctx }) => restoreFile(ctx.hub, ctx.file)),
});
