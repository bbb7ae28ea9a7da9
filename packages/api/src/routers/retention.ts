/** Retention of Workspaces, and extensions. */
import { z } from 'zod';
import { getRetention } from '@turnover/core/retention/ends';
import {
  askForExtension,
  declineExtension,
  grantExtension,
  listAskedExtensions,
  withdrawExtension,
} from '@turnover/core/retention/extensions';
import {
  askForExtensionInput,
  declineExtensionInput,
  extensionIdInput,
  extensionView,
  grantExtensionInput,
  retentionView,
} from '@turnover/domain/workspace/retention';
import { onProject } from '../procedures.ts';
import { t } from '../trpc.ts';

export const retentionRouter = t.router({
  get: onProject('workspace:use')
    .output(retentionView)
    .query(({ ctx }) => getRetention(ctx.hub, ctx.project)),
  ask: onProject('workspace:use')
    .input(askForExtensionInput)
    .output(extensionView)
    .mutation(({ ctx, input }) => askForExtension(ctx.hub, input)),
  withdraw: onProject('workspace:use')
    .input(extensionIdInput)
    .output(z.void())
    .mutation(({ ctx, input }) => withdrawExtension(ctx.hub, input)),
  listAsked: onProject('member:manage')
    .output(z.array(extensionView))
    .query(({ ctx }) => listAskedExtensions(ctx.hub, ctx.project.id)),
  grant: onProject('member:manage')
    .input(grantExtensionInput)
    .output(z.void())
    .mutation(({ ctx, input }) => grantExtension(ctx.hub, input)),
  decline: onProject('member:manage')
    .input(declineExtensionInput)
    .output(z.void())
    .mutation(({ ctx, input }) => declineExtension(ctx.hub, input)),
});
