/** Uploads: begun here, filled by tus PATCH at their own address. */
import { z } from 'zod';
import { checkNames } from '@turnover/core/uploads/checked-names';
import { describeSpace } from '@turnover/core/uploads/space';
import { beginUpload, discardUpload, listUploads } from '@turnover/core/uploads/uploads';
import { checkedNameView, checkNamesInput } from '@turnover/domain/workspace/checked-names';
import { spaceView } from '@turnover/domain/workspace/upload-space';
import {
  beginUploadInput,
  begunUploadView,
  listUploadsInput,
  uploadView,
} from '@turnover/domain/workspace/uploads';
import { onProject, onUploadTarget, onUploadToDiscard, signedIn } from '../procedures.ts';
import { t } from '../trpc.ts';

export const uploadsRouter = t.router({
  begin: onUploadTarget
    .input(beginUploadInput)
    .output(begunUploadView)
    .mutation(({ ctx, input }) => beginUpload(ctx.hub, input)),
  /** Before anything is sent. Changes nothing; so many names are too long for an address. */
  checkNames: onUploadTarget
    .input(checkNamesInput)
    .output(z.array(checkedNameView))
    .mutation(({ ctx, input }) => checkNames(ctx.hub, input)),
  list: signedIn
    .meta({
      rule: { noun: 'caller', permission: 'signed in', also: ': own uploads; of a request: file:view' },
    })
    .input(listUploadsInput)
    .output(z.array(uploadView))
    .query(({ ctx, input }) => listUploads(ctx.hub, input)),
  /** What may begin now: what is free, and what the caller and the project may still reserve of it. */
  space: onProject('project:view')
    .output(spaceView)
    .query(({ ctx, input }) => describeSpace(ctx.hub, input.projectId)),
  discard: onUploadToDiscard.output(z.void()).mutation(({ ctx }) => discardUpload(ctx.hub, ctx.upload)),
});
