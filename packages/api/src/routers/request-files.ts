/** The files of a request. */
import { clearFiles, removeFiles, renameFile, restoreFile } from '@turnover/core/requests/files/files';
import { listRequestFiles, viewFile } from '@turnover/core/requests/files/list';
import { listSequences } from '@turnover/core/requests/files/sequences';
import { listRemovedFiles } from '@turnover/core/requests/files/trash';
import { addFromWorkspace } from '@turnover/core/workspace/deliver';
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
import { onFile, onRequest } from '../procedures.ts';
import { t } from '../trpc.ts';

export const requestFilesRouter = t.router({
  list: onRequest('request:view')
    .input(listRequestFilesInput)
    .output(requestFileListView)
    .query(({ ctx, input }) => listRequestFiles(ctx.hub, ctx.request, input)),
  /** The image sequences among them, a row for each. */
  sequences: onRequest('request:view')
    .output(requestSequencesView)
    .query(({ ctx }) => listSequences(ctx.hub, ctx.request)),
  get: onFile('file:view')
    .output(deliveredFileView)
    .query(({ ctx }) => viewFile(ctx.hub, ctx.file.id)),
  addFromWorkspace: onRequest('file:add')
    .input(addFromWorkspaceInput)
    .output(addedFilesView)
    .mutation(({ ctx, input }) => addFromWorkspace(ctx.hub, ctx.request, input)),
  rename: onFile('file:rename')
    .input(renameFileInput)
    .output(deliveredFileView)
    .mutation(async ({ ctx, input }) => {
      const fileId = await renameFile(ctx.hub, ctx.request, ctx.file, input.name);
      return viewFile(ctx.hub, fileId);
    }),
  remove: onRequest('file:remove')
    .input(removeFilesInput)
    .output(removedFilesView)
    .mutation(({ ctx, input }) => removeFiles(ctx.hub, ctx.request, input.selection)),
  clear: onRequest('file:clear')
    .output(removedFilesView)
    .mutation(({ ctx }) => clearFiles(ctx.hub, ctx.request)),
  removed: onRequest('request:update')
    .input(listRemovedFilesInput)
    .output(removedFilesListView)
    .query(({ ctx, input }) => listRemovedFiles(ctx.hub, ctx.request, input)),
  restore: onFile('request:update')
    .output(deliveredFileView)
    .mutation(({ ctx }) => {
      const fileId = restoreFile(ctx.hub, ctx.request, ctx.file);
      return viewFile(ctx.hub, fileId);
    }),
});
