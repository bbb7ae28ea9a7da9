/** Uploads: they begin here; their bytes are sent by tus PATCH requests to their own URL. */
import { z } from 'zod';
import { checkNames } from '@turnover/core/uploads/checked-names';
import { fingerprintUpload } from '@turnover/core/uploads/fingerprint';
import { describeSpace } from '@turnover/core/uploads/space';
import { beginUpload, discardUpload, listUploads } from '@turnover/core/uploads/uploads';
import { bundleLimits, bundleLimitsView } from '@turnover/domain/workspace/bundles';
import { rateNow, rateView, unlimited } from '@turnover/domain/server/rates';
import { checkedNameView, checkNamesInput } from '@turnover/domain/workspace/checked-names';
import { spaceInput, spaceView } from '@turnover/domain/workspace/upload-space';
import {
  beginUploadInput,
  begunUploadView,
  listUploadsInput,
  uploadFingerprintView,
  uploadView,
} from '@turnover/domain/workspace/uploads';
import { onOwnUpload, onProject, onUploadTarget, onUploadToDiscard, signedIn } from '../procedures.ts';
import { t } from '../trpc.ts';

export const uploadsRouter = t.router({
  begin: onUploadTarget
    .input(beginUploadInput)
    .output(begunUploadView)
    .mutation(({ ctx, input }) => beginUpload(ctx.hub, input)),
  /** Checks names before anything is sent. Changes nothing; a mutation because the names are too long for a query's URL. */
  checkNames: onUploadTarget
    .input(checkNamesInput)
    .output(z.array(checkedNameView))
    .mutation(({ ctx, input }) => checkNames(ctx.hub, input)),
  /** How much one bundle may hold, and how fast the caller may send now; `rate` is null without a limit. */
  limits: signedIn
    .output(z.object({ bundle: bundleLimitsView, rate: rateView.nullable() }))
    .query(({ ctx: { hub } }) => ({
      bundle: bundleLimits,
      rate: rateNow(hub.limits.uploadRates ?? unlimited, hub.clock()),
    })),
  list: signedIn
    .meta({
      rule: { noun: 'caller', permission: 'signed in', also: ': own uploads; of a request: file:view' },
    })
    .input(listUploadsInput)
    .output(z.array(uploadView))
    .query(({ ctx, input }) => listUploads(ctx.hub, input)),
  /** Hashes of the received bytes, so that a client can check that it continues the same file. Reads 1 MiB at most. */
  fingerprint: onOwnUpload
    .output(uploadFingerprintView)
    .query(({ ctx }) => fingerprintUpload(ctx.hub, ctx.upload)),
  /** The free space, how much of it the caller and the project may still reserve, and what their limits leave. */
  space: onProject('project:view')
    .input(spaceInput)
    .output(spaceView)
    .query(({ ctx, input }) => describeSpace(ctx.hub, input)),
  discard: onUploadToDiscard.output(z.void()).mutation(({ ctx }) => discardUpload(ctx.hub, ctx.upload)),
});
