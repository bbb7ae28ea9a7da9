/** The caller's own Workspace. */
import { z } from 'zod';
import {
  createFolder,
  getEntry,
  listTrash,
  listWorkspace,
  removeEntry,
  renameEntry,
  restoreEntry,
} from '@turnover/core/workspace';
import {
  createFolderInput,
  entryDetailsView,
  entryView,
  listTrashInput,
  listWorkspaceInput,
  renameEntryInput,
  workspaceListView,
} from '@turnover/domain/entries';
import { onEntry, onProject } from '../procedures.ts';
import { t } from '../trpc.ts';

export const workspaceRouter = t.router({
  list: onProject('workspace:use')
    .input(listWorkspaceInput)
    .output(workspaceListView)
    .query(({ ctx, input }) => listWorkspace(ctx.hub, input)),
  listTrash: onProject('workspace:use')
    .input(listTrashInput)
    .output(z.array(entryView))
    .query(({ ctx, input }) => listTrash(ctx.hub, input)),
  get: onEntry()
    .output(entryDetailsView)
    .query(({ ctx }) => getEntry(ctx.hub, ctx.entry)),
  createFolder: onProject('workspace:use')
    .input(createFolderInput)
    .output(entryView)
    .mutation(({ ctx, input }) => createFolder(ctx.hub, input)),
  rename: onEntry()
    .input(renameEntryInput)
    .output(entryView)
    .mutation(({ ctx, input }) => renameEntry(ctx.hub, ctx.entry, input.name)),
  remove: onEntry()
    .output(z.void())
    .mutation(({ ctx }) => removeEntry(ctx.hub, ctx.entry)),
  restore: onEntry('trashed')
    .output(entryView)
    .mutation(({ ctx }) => restoreEntry(ctx.hub, ctx.entry)),
});
