/** The files of a request. */
import { z } from 'zod';
import { archiveFiles } from '@turnover/core/archives/prepared';
import { clearFiles, removeFiles, renameFile } from '@turnover/core/requests/files/files';
import { listContents } from '@turnover/core/requests/files/contents';
import { compareFiles } from '@turnover/core/requests/files/known-files';
import { listRequestFiles, viewFile } from '@turnover/core/requests/files/list';
import { frameFilesOfFile, framesOfFile } from '@turnover/core/requests/files/played-frames';
import { makeFilePreviews, viewFilePreviews } from '@turnover/core/requests/files/previews';
import { restoreEveryFile, restoreFile, undoRemove } from '@turnover/core/requests/files/restore';
import { listSequences } from '@turnover/core/requests/files/sequences';
import { listRemovedFiles } from '@turnover/core/requests/files/trash';
import { cancelStage, retryStage, skipStage } from '@turnover/core/requests/processing/control';
import { retryStages, skipStages, treatableStages } from '@turnover/core/requests/processing/control-many';
import { listProblems, viewInspection } from '@turnover/core/requests/processing/inspection';
import { takeOverFiles } from '@turnover/core/requests/files/take-over';
import { checkFromWorkspace } from '@turnover/core/workspace/check-delivery';
import { addFromWorkspace } from '@turnover/core/workspace/deliver';
import { matchRequests } from '@turnover/core/workspace/match-requests';
import { undoAdd } from '@turnover/core/workspace/undo-delivery';
import { archiveFilesInput, archiveView } from '@turnover/domain/archives/archives';
import { filePreviewsInput, previewRunView } from '@turnover/domain/media/preview-runs';
import { inspectionView, listProblemsInput, problemListView } from '@turnover/domain/media/problem-views';
import { treatableStagesView, treatedStagesView } from '@turnover/domain/media/stage-control';
import { actions } from '@turnover/domain/requests/actions';
import { contentsView, listContentsInput } from '@turnover/domain/requests/contents';
import {
  chosenFilesInput,
  deliveredFileView,
  listRemovedFilesInput,
  listRequestFilesInput,
  removedFilesListView,
  removedFilesView,
  removeFilesInput,
  renameFileInput,
  requestFileListView,
  requestSequencesView,
  restoredFilesView,
  skipStageInput,
  skipStagesInput,
  stageIdInput,
  undoRemoveInput,
} from '@turnover/domain/requests/files';
import {
  addedFilesView,
  addFromWorkspaceInput,
  checkFromWorkspaceInput,
  deliveryCheckView,
  matchedRequestsView,
  matchRequestsInput,
  undoAddInput,
  undoneAddView,
} from '@turnover/domain/requests/from-workspace';
import {
  compareFilesInput,
  knownFileView,
  takenOverView,
  takeOverInput,
} from '@turnover/domain/requests/known-files';
import {
  frameFilesOfFileInput,
  frameFilesView,
  framesOfFileInput,
  playedFramesView,
} from '@turnover/domain/sequences/played-frames';
import { onAction, onFile, onProject, onRequest } from '../procedures.ts';
import { t } from '../trpc.ts';

export const requestFilesRouter = t.router({
  list: onRequest('request:view')
    .input(listRequestFilesInput)
    .output(requestFileListView)
    .query(({ ctx, input }) => listRequestFiles(ctx.hub, ctx.request, input)),
  /**
   * The present contents of the request, or those of a submitted round, sorted and filtered, with one row for each image
   * sequence.
   */
  contents: onRequest('request:view')
    .input(listContentsInput)
    .output(contentsView)
    .query(({ ctx, input }) => listContents(ctx.hub, ctx.request, input)),
  /** The image sequences among the files, one row each. */
  sequences: onRequest('request:view')
    .output(requestSequencesView)
    .query(({ ctx }) => listSequences(ctx.hub, ctx.request)),
  get: onFile('file:view')
    .output(deliveredFileView)
    .query(({ ctx }) => viewFile(ctx.hub, ctx.file.id)),
  /** The media report of the file, and the problems of all its stages. */
  inspection: onFile('file:view')
    .output(inspectionView)
    .query(({ ctx }) => viewInspection(ctx.hub, ctx.file.id)),
  /** The problems that processing found in the present files, or in those of a submitted round. */
  problems: onRequest('request:view')
    .input(listProblemsInput)
    .output(problemListView)
    .query(({ ctx, input }) => listProblems(ctx.hub, ctx.request, input.round ?? null)),
  /** The image sequence of the file, and some of its frames. Null when the file is in no sequence. */
  frames: onFile('file:view')
    .input(framesOfFileInput)
    .output(playedFramesView.nullable())
    .query(({ ctx, input }) => framesOfFile(ctx.hub, ctx, input.round)),
  /** The files of some frames of that sequence, up to 250 numbers at a time. */
  frameFiles: onFile('file:view')
    .input(frameFilesOfFileInput)
    .output(frameFilesView.nullable())
    .query(({ ctx, input }) => frameFilesOfFile(ctx.hub, ctx, input)),
  /** The previews of files of any round. */
  previews: onRequest('request:view')
    .input(filePreviewsInput)
    .output(z.array(previewRunView))
    .query(({ ctx, input }) => viewFilePreviews(ctx.hub, { ...input, request: ctx.request })),
  /** Queues previews of frames, because processing makes none for frames. */
  makePreviews: onRequest('request:view')
    .input(filePreviewsInput)
    .output(z.array(previewRunView))
    .mutation(({ ctx, input }) => makeFilePreviews(ctx.hub, { ...input, request: ctx.request })),
  /**
   * Rates how well a Workspace selection fits each request. Changes nothing; a mutation because the selection is too long for
   * a query's URL.
   */
  matchRequests: onProject('workspace:use')
    .meta({
      rule: { noun: 'project', permission: 'workspace:use', also: '; the requests that requests.list gives' },
    })
    .input(matchRequestsInput)
    .output(matchedRequestsView)
    .mutation(({ ctx, input }) => matchRequests(ctx.hub, input)),
  /**
   * Previews `addFromWorkspace` with the same input. Changes nothing; a mutation because the selection is too long for a
   * query's URL.
   */
  checkFromWorkspace: onAction('add')
    .input(checkFromWorkspaceInput)
    .output(deliveryCheckView)
    .mutation(({ ctx, input }) => checkFromWorkspace(ctx.hub, ctx.request, input)),
  addFromWorkspace: onAction('add')
    .input(addFromWorkspaceInput)
    .output(addedFilesView)
    .mutation(({ ctx, input }) => addFromWorkspace(ctx.hub, ctx.request, input)),
  undoAdd: onAction('add')
    .input(undoAddInput)
    .output(undoneAddView)
    .mutation(({ ctx, input }) => undoAdd(ctx.hub, ctx.request, input.eventId)),
  /**
   * Finds which of these files the request holds or held. Changes nothing; a mutation because the list is too long for a
   * query's URL.
   */
  compare: onAction('add')
    .input(compareFilesInput)
    .output(z.array(knownFileView))
    .mutation(({ ctx, input }) => compareFiles(ctx.hub, ctx.request, input.files)),
  /** Adds files of earlier rounds to the current round without sending their bytes again. */
  takeOver: onAction('add')
    .input(takeOverInput)
    .output(takenOverView)
    .mutation(({ ctx, input }) => takeOverFiles(ctx.hub, ctx.request, input.files)),
  /**
   * Prepares one ZIP of some present files. For all of them, or a submitted round, use `GET /files/<request id>?round=2`
   * directly.
   */
  archive: onRequest('file:download')
    .input(archiveFilesInput)
    .output(archiveView)
    .mutation(({ ctx, input }) => archiveFiles(ctx.hub, ctx.request, input.selection)),
  rename: onFile(actions.rename.permission)
    .input(renameFileInput)
    .output(deliveredFileView)
    .mutation(({ ctx, input }) => renameFile(ctx.hub, ctx.file, input.name, input.seenName)),
  /** Queues a failed stage again. A processed request is in processing again until the stage has ended. */
  retryStage: onFile(actions.retryStage.permission)
    .input(stageIdInput)
    .output(deliveredFileView)
    .mutation(({ ctx, input }) => retryStage(ctx.hub, { file: ctx.file, stage: input.stage })),
  /** Skips a stage that failed, waits or runs, and continues with the next one. The history keeps the reason. */
  skipStage: onFile(actions.skipStage.permission)
    .input(skipStageInput)
    .output(deliveredFileView)
    .mutation(({ ctx, input }) => skipStage(ctx.hub, { file: ctx.file, stage: input.stage }, input.reason)),
  /** Cancels the first stage of the file that waits or runs. It counts as failed and can be retried. */
  cancelStage: onFile(actions.cancelStage.permission)
    .input(stageIdInput)
    .output(deliveredFileView)
    .mutation(({ ctx, input }) => cancelStage(ctx.hub, { file: ctx.file, stage: input.stage })),
  /**
   * Previews `retryStages` or `skipStages`: the stages that it would change. Changes nothing; a mutation because the
   * selection is too long for a query's URL.
   */
  treatableStages: onAction('retryStage')
    .input(chosenFilesInput)
    .output(treatableStagesView)
    .mutation(({ ctx, input }) => treatableStages(ctx.hub, ctx.request, input.selection)),
  /** As `retryStage`, for each stage of the selected files where it is possible. */
  retryStages: onAction('retryStage')
    .input(chosenFilesInput)
    .output(treatedStagesView)
    .mutation(({ ctx, input }) => retryStages(ctx.hub, ctx.request, input.selection)),
  /** As `skipStage`, for each selected file where it is possible. */
  skipStages: onAction('skipStage')
    .input(skipStagesInput)
    .output(treatedStagesView)
    .mutation(({ ctx, input }) => skipStages(ctx.hub, ctx.request, input)),
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
  /** Undoes a removal, for the person who removed the files, within a minute. `undo`: a result of `remove`. */
  undoRemove: onAction('remove')
    .input(undoRemoveInput)
    .output(restoredFilesView)
    .mutation(({ ctx, input }) => undoRemove(ctx.hub, ctx.request, input.undo)),
  restoreAll: onRequest('request:update')
    .output(restoredFilesView)
    .mutation(({ ctx }) => restoreEveryFile(ctx.hub, ctx.request)),
  restore: onFile('request:update')
    .output(deliveredFileView)
    .mutation(({ ctx }) => restoreFile(ctx.hub, ctx.file)),
});
