/** Uploads: begun here, filled by tus PATCH at their own address. */
import { z } from 'zod';
import { beginUpload, discardUpload, listUploads } from '@turnover/core/uploads';
import { beginUploadInput, begunUploadView, listUploadsInput, uploadView } from '@turnover/domain/uploads';
import { onUploadTarget, onUploadToDiscard, signedIn } from '../procedures.ts';
import { t } from '../trpc.ts';

export const uploadsRouter = t.router({
  begin: onUploadTarget
    .input(beginUploadInput)
    .output(begunUploadView)
    .mutation(({ ctx, input }) => beginUpload(ctx.hub, input)),
  list: signedIn
    .meta({ rule: 'signed in: own uploads; of a request: file:view' })
    .input(listUploadsInput)
    .output(z.array(uploadView))
    .query(({ ctx, input }) => listUploads(ctx.hub, input)),
  discard: onUploadToDiscard.output(z.void()).mutation(({ ctx }) => discardUpload(ctx.hub, ctx.upload)),
});
