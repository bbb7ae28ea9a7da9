/**
 * The base procedures. Each declares a rule, loads what the input names, checks it and narrows the context, so that a
 * procedure cannot be written without a rule.
 */
import { TRPCError } from '@trpc/server';
import {
  loadDeliveredFile,
  loadEntry,
  loadProject,
  loadRequest,
  loadUploadToDiscard,
  requireOwner,
} from '@turnover/core/access';
import { requireInviter } from '@turnover/core/companies';
import type { PersonContext } from '@turnover/core/context';
import { entryIdInput } from '@turnover/domain/entries';
import { HubError } from '@turnover/domain/errors';
import type { Permission } from '@turnover/domain/permissions';
import { projectIdInput } from '@turnover/domain/projects';
import { deliveredFileIdInput } from '@turnover/domain/request-files';
import { requestIdInput } from '@turnover/domain/requests';
import { uploadIdInput } from '@turnover/domain/uploads';
import { t, trpcCode } from './trpc.ts';

/** Services throw the hub's own errors; tRPC needs them in its wrapping. */
const base = t.procedure.use(async ({ next }) => {
  const result = await next();
  if (result.ok || !(result.error.cause instanceof HubError)) return result;
  const { cause } = result.error;
  throw new TRPCError({ code: trpcCode(cause.code), message: cause.message, cause });
});

export const signedIn = base.meta({ rule: 'signed in' }).use(({ ctx, next }) => {
  if (!ctx.person)
    throw new HubError('unauthenticated', 'Sign in, or send an API token as Authorization: Bearer.');
  const hub: PersonContext = { ...ctx.hub, person: ctx.person, sessionId: ctx.sessionId };
  return next({ ctx: { hub } });
});

export const asOwner = signedIn.meta({ rule: 'owner of the hub' }).use(({ ctx, next }) => {
  requireOwner(ctx.hub.person);
  return next();
});

/** Those who invite people need companies to invite them into. */
export const asInviter = signedIn
  .meta({ rule: 'owner of the hub, or coordinator of a project' })
  .use(({ ctx, next }) => {
    requireInviter(ctx.hub);
    return next();
  });

export function onProject(permission: Permission) {
  return signedIn
    .meta({ rule: `project: ${permission}` })
    .input(projectIdInput)
    .use(({ ctx, input, next }) =>
      next({ ctx: { project: loadProject(ctx.hub.db, ctx.hub.person, input.projectId, permission) } }),
    );
}

export function onRequest(permission: Permission) {
  return signedIn
    .meta({ rule: `request: ${permission}` })
    .input(requestIdInput)
    .use(({ ctx, input, next }) =>
      next({ ctx: { request: loadRequest(ctx.hub.db, ctx.hub.person, input.requestId, permission) } }),
    );
}

export function onFile(permission: Permission) {
  return signedIn
    .meta({ rule: `delivered file: ${permission}` })
    .input(deliveredFileIdInput)
    .use(({ ctx, input, next }) =>
      next({ ctx: loadDeliveredFile(ctx.hub.db, ctx.hub.person, input.fileId, permission) }),
    );
}

export function onEntry(where: 'kept' | 'trashed' = 'kept') {
  return signedIn
    .meta({ rule: `entry: its owner, workspace:use${where === 'trashed' ? ', in the trash' : ''}` })
    .input(entryIdInput)
    .use(({ ctx, input, next }) =>
      next({ ctx: { entry: loadEntry(ctx.hub.db, ctx.hub.person, input.entryId, where) } }),
    );
}

export const onUploadToDiscard = signedIn
  .meta({ rule: 'upload: its uploader; in a request also file:clear' })
  .input(uploadIdInput)
  .use(({ ctx, input, next }) =>
    next({ ctx: { upload: loadUploadToDiscard(ctx.hub.db, ctx.hub.person, input.uploadId) } }),
  );

/** The target decides: a Workspace by `workspace:use`, a request by `file:add`; core checks it with the input whole. */
export const onUploadTarget = signedIn.meta({ rule: 'target: workspace:use, or file:add of the request' });
