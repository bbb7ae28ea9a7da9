/**
 * The base procedures. Each declares a rule, loads the thing that the input names, checks access and narrows the context, so
 * that no procedure can exist without a rule.
 */
import { TRPCError } from '@trpc/server';
import { loadDeliveredFile, loadProject, loadRequest, requireOwner } from '@turnover/core/access';
import { audited } from '@turnover/core/audit/record';
import { loadOwnComment } from '@turnover/core/requests/comments';
import { requireInviter } from '@turnover/core/people/companies';
import type { PersonContext } from '@turnover/core/context';
import { loadEntry, loadTrashed, type EntryNeed } from '@turnover/core/entries/access';
import { loadOwnView } from '@turnover/core/requests/saved-views';
import { loadFinding } from '@turnover/core/requests/redelivery/findings';
import { loadRequestType } from '@turnover/core/requests/types';
import { loadShare, type ShareNeed } from '@turnover/core/shares/access';
import { loadRevoked } from '@turnover/core/shares/undo';
import { loadUpload, loadUploadToDiscard } from '@turnover/core/uploads/access';
import { requireWritable } from '@turnover/core/write-gate';
import { commentIdInput } from '@turnover/domain/requests/comments';
import { entryIdInput } from '@turnover/domain/workspace/entries';
import { HubError } from '@turnover/domain/errors';
import { notAudited } from '@turnover/domain/server/audit';
import type { Permission } from '@turnover/domain/people/permissions';
import { findingIdInput } from '@turnover/domain/requests/findings';
import { projectIdInput } from '@turnover/domain/people/projects';
import { deliveredFileIdInput } from '@turnover/domain/requests/files';
import { requestTypeIdInput } from '@turnover/domain/rules/request-types';
import { actions, type PossibleAction } from '@turnover/domain/requests/actions';
import { requestIdInput } from '@turnover/domain/requests/requests';
import { savedViewIdInput } from '@turnover/domain/requests/saved-views';
import { shareIdInput } from '@turnover/domain/workspace/shares';
import { uploadIdInput } from '@turnover/domain/workspace/uploads';
import { describeCall } from './audited-calls.ts';
import { t, trpcCode, type Deed } from './trpc.ts';

/**
 * Converts the services' `HubError`s for tRPC. Mutations first wait for other writers, and leave an entry in the audit log with
 * their first change.
 */
const base = t.procedure.use(async ({ ctx, type, path, getRawInput, next }) => {
  if (type !== 'mutation') return converted(await next());
  await requireWritable(ctx.hub).catch(wrap);
  if (Object.hasOwn(notAudited, path)) return converted(await next());
  const deed: Deed = { projectId: null };
  const raw = await getRawInput();
  const hub = audited(ctx.hub, () => describeCall(path, raw, ctx.person, deed));
  return converted(await next({ ctx: { hub, deed } }));
});

type Outcome = { ok: boolean; error?: TRPCError };

function converted<Result extends Outcome>(result: Result): Result {
  if (result.ok || !(result.error?.cause instanceof HubError)) return result;
  return wrap(result.error.cause);
}

/** Tells the audit log the project of what was loaded. */
function about<Loaded extends Record<string, unknown>>(
  { deed }: { deed?: Deed | undefined },
  loaded: Loaded,
): Loaded {
  if (deed) deed.projectId = projectOf(loaded);
  return loaded;
}

function projectOf({ project, ...loaded }: Record<string, unknown>): string | null {
  if (project) return (project as { id: string }).id;
  const ids = Object.values(loaded).map((thing) => (thing as { projectId?: string } | null)?.projectId);
  return ids.find((id) => id !== undefined) ?? null;
}

function wrap(cause: unknown): never {
  if (!(cause instanceof HubError)) throw cause;
  throw new TRPCError({ code: trpcCode(cause.code), message: cause.message, cause });
}

export const signedIn = base
  .meta({ rule: { noun: 'caller', permission: 'signed in' } })
  .use(({ ctx, next }) => {
    if (!ctx.person)
      throw new HubError('unauthenticated', 'Sign in, or send an API token as Authorization: Bearer.');
    const hub: PersonContext = { ...ctx.hub, person: ctx.person, sessionId: ctx.sessionId };
    return next({ ctx: { hub } });
  });

export const asOwner = signedIn.meta({ rule: { noun: 'hub', permission: 'owner' } }).use(({ ctx, next }) => {
  requireOwner(ctx.hub.person);
  return next();
});

/** For people who can invite: they also choose companies. */
export const asInviter = signedIn
  .meta({ rule: { noun: 'hub', permission: 'inviter' } })
  .use(({ ctx, next }) => {
    requireInviter(ctx.hub);
    return next();
  });

export function onProject(permission: Permission) {
  return signedIn
    .meta({ rule: { noun: 'project', permission } })
    .input(projectIdInput)
    .use(({ ctx, input, next }) =>
      next({
        ctx: about(ctx, { project: loadProject(ctx.hub.db, ctx.hub.person, input.projectId, permission) }),
      }),
    );
}

export function onRequest(permission: Permission) {
  return signedIn
    .meta({ rule: { noun: 'request', permission } })
    .input(requestIdInput)
    .use(({ ctx, input, next }) =>
      next({
        ctx: about(ctx, { request: loadRequest(ctx.hub.db, ctx.hub.person, input.requestId, permission) }),
      }),
    );
}

/** Takes the permission from the table of actions. */
export function onAction(action: Exclude<PossibleAction, 'answer' | 'check'>) {
  return onRequest(actions[action].permission);
}

export function onFile(permission: Permission) {
  return signedIn
    .meta({ rule: { noun: 'delivered file', permission } })
    .input(deliveredFileIdInput)
    .use(({ ctx, input, next }) =>
      next({ ctx: about(ctx, loadDeliveredFile(ctx.hub.db, ctx.hub.person, input.fileId, permission)) }),
    );
}

export function onRequestType(permission: 'type:view' | 'type:manage') {
  return signedIn
    .meta({ rule: { noun: 'request type', permission } })
    .input(requestTypeIdInput)
    .use(({ ctx, input, next }) =>
      next({ ctx: about(ctx, { type: loadRequestType(ctx.hub.db, ctx.hub, input.typeId, permission) }) }),
    );
}

export function onFinding(action: 'answer' | 'check') {
  const { permission } = actions[action];
  return signedIn
    .meta({ rule: { noun: 'finding', permission } })
    .input(findingIdInput)
    .use(({ ctx, input, next }) =>
      next({ ctx: about(ctx, loadFinding(ctx.hub.db, ctx.hub.person, input.pinId, permission)) }),
    );
}

export const onOwnComment = signedIn
  .meta({ rule: { noun: 'comment', permission: 'request:comment' } })
  .input(commentIdInput)
  .use(({ ctx, input, next }) =>
    next({ ctx: about(ctx, loadOwnComment(ctx.hub.db, ctx.hub, input.commentId)) }),
  );

export const onOwnView = signedIn
  .meta({ rule: { noun: 'saved view', permission: 'own' } })
  .input(savedViewIdInput)
  .use(({ ctx, input, next }) =>
    next({ ctx: about(ctx, { view: loadOwnView(ctx.hub.db, ctx.hub, input.viewId) }) }),
  );

/** Also finds removed views, so that the removal can be undone. */
export const onRemovedView = signedIn
  .meta({ rule: { noun: 'saved view', permission: 'own', also: ', after its removal too' } })
  .input(savedViewIdInput)
  .use(({ ctx, input, next }) =>
    next({ ctx: about(ctx, { view: loadOwnView(ctx.hub.db, ctx.hub, input.viewId, 'removed too') }) }),
  );

/** `need`: the permission that a share must grant. The entry's owner may do everything. */
export function onEntry(need: EntryNeed) {
  return signedIn
    .meta({ rule: { noun: 'entry', permission: need } })
    .input(entryIdInput)
    .use(({ ctx, input, next }) =>
      next({ ctx: about(ctx, { entry: loadEntry(ctx.hub.db, ctx.hub, input.entryId, need) }) }),
    );
}

export const onTrashedEntry = signedIn
  .meta({ rule: { noun: 'trashed entry', permission: 'restore' } })
  .input(entryIdInput)
  .use(({ ctx, input, next }) =>
    next({ ctx: about(ctx, { entry: loadTrashed(ctx.hub.db, ctx.hub, input.entryId) }) }),
  );

export function onShare(need: ShareNeed) {
  return signedIn
    .meta({ rule: { noun: 'share', permission: need } })
    .input(shareIdInput)
    .use(({ ctx, input, next }) =>
      next({ ctx: about(ctx, loadShare(ctx.hub.db, ctx.hub, input.shareId, need)) }),
    );
}

export const onRevokedShare = signedIn
  .meta({ rule: { noun: 'revoked share', permission: 'restore' } })
  .input(shareIdInput)
  .use(({ ctx, input, next }) =>
    next({ ctx: about(ctx, { share: loadRevoked(ctx.hub.db, ctx.hub, input.shareId) }) }),
  );

export const onOwnUpload = signedIn
  .meta({ rule: { noun: 'upload', permission: 'continue' } })
  .input(uploadIdInput)
  .use(({ ctx, input, next }) =>
    next({ ctx: about(ctx, { upload: loadUpload(ctx.hub.db, ctx.hub, input.uploadId) }) }),
  );

export const onUploadToDiscard = signedIn
  .meta({ rule: { noun: 'upload', permission: 'discard' } })
  .input(uploadIdInput)
  .use(({ ctx, input, next }) =>
    next({ ctx: about(ctx, { upload: loadUploadToDiscard(ctx.hub.db, ctx.hub, input.uploadId) }) }),
  );

/**
 * The target decides the permission: `workspace:use` for a Workspace, `file:add` for a request. Core checks it with the whole
 * input.
 */
export const onUploadTarget = signedIn.meta({ rule: { noun: 'upload target', permission: 'file:add' } });
