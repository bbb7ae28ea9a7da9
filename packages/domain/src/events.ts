/** What happened: the history people read, and at the same time what keeps pages live. */
import { z } from 'zod';
import { idSchema } from './ids.ts';

/** `history` events stay for ever; `signal` events only wake pages up and are pruned. */
export const eventKinds = {
  'request.created': 'history',
  'request.updated': 'history',
  'request.assigned': 'history',
  'request.submitted': 'history',
  'request.processingStarted': 'history',
  'request.processed': 'history',
  'request.accepted': 'history',
  'request.reopened': 'history',
  'request.redeliveryAsked': 'history',
  'request.cancelled': 'history',
  'request.restored': 'history',
  'request.promised': 'history',
  'request.commented': 'history',
  'request.commentChanged': 'signal',
  'request.ruleOverridden': 'history',
  'request.pinAnswered': 'history',
  'request.pinChecked': 'history',
  'file.added': 'history',
  'file.renamed': 'history',
  'file.removed': 'history',
  'file.cleared': 'history',
  'file.replaced': 'history',
  'file.restored': 'history',
  'file.stageFailed': 'history',
  'file.stageChanged': 'signal',
  'file.progress': 'signal',
  'manifest.compared': 'history',
  'manifest.changed': 'signal',
  'upload.changed': 'signal',
  'upload.mismatch': 'history',
  'upload.discarded': 'history',
  'workspace.changed': 'signal',
  'notification.changed': 'signal',
  'retention.changed': 'signal',
  'project.changed': 'signal',
  'requestTypes.changed': 'signal',
  'member.added': 'history',
  'member.roleChanged': 'history',
  'member.removed': 'history',
  'account.changed': 'signal',
  'reasons.changed': 'signal',
} as const;

/** Of the hub itself: everybody who is signed in hears of them. */
export const hubWideKinds = ['reasons.changed'] as const satisfies (keyof typeof eventKinds)[];

export type EventKind = keyof typeof eventKinds;
const eventKindSchema = z.enum(Object.keys(eventKinds) as [EventKind, ...EventKind[]]);

/** Facts of the event, told in the language of the reader: names and counts, no sentences. */
export const eventDataSchema = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]),
);
export type EventData = z.infer<typeof eventDataSchema>;

export const eventView = z.object({
  id: z.number(),
  kind: eventKindSchema,
  at: z.number(),
  projectId: z.string().nullable(),
  requestId: z.string().nullable(),
  actor: z.object({ id: z.string(), name: z.string() }).nullable(),
  data: eventDataSchema,
});
export type EventView = z.infer<typeof eventView>;

export const streamInput = z.object({
  projectId: idSchema('project').nullish(),
  /** Sent by the client's library on a reconnect: everything after it is told first. */
  lastEventId: z.union([z.string().max(30), z.number()]).nullish(),
});

/**
 * `reset`: the cursor is too old to catch up from, load everything anew. `replaced`: the person opened more streams than the
 * hub keeps for one, and this was the oldest; coming back at once would only push out another.
 */
export const liveMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('event'), event: eventView, topics: z.array(z.string()) }),
  z.object({ type: z.literal('reset') }),
  z.object({ type: z.literal('replaced') }),
]);
export type LiveMessage = z.infer<typeof liveMessage>;

export const topics = {
  request: (requestId: string) => `turnover:request:${requestId}` as const,
  requests: (projectId: string) => `turnover:requests:${projectId}` as const,
  workspace: (projectId: string) => `turnover:workspace:${projectId}` as const,
  uploads: () => 'turnover:uploads' as const,
  project: (projectId: string) => `turnover:project:${projectId}` as const,
  members: (projectId: string) => `turnover:members:${projectId}` as const,
  account: () => 'turnover:account' as const,
  notifications: () => 'turnover:notifications' as const,
  requestTypes: (projectId: string) => `turnover:requestTypes:${projectId}` as const,
  reasons: () => 'turnover:reasons' as const,
  retention: (projectId: string) => `turnover:retention:${projectId}` as const,
} as const;

/** Which pages an event concerns; progress alone reloads nothing, it is patched into the page. */
export function topicsOf({
  kind,
  projectId,
  requestId,
}: Pick<EventView, 'kind' | 'projectId' | 'requestId'>): string[] {
  const found: string[] = [];
  if (kind === 'file.progress') return found;
  if (requestId) found.push(topics.request(requestId));
  if (projectId) {
    if (requestId && kind !== 'file.stageChanged' && kind !== 'manifest.changed')
      found.push(topics.requests(projectId));
    if (kind === 'workspace.changed') found.push(topics.workspace(projectId));
    if (kind.startsWith('member.')) found.push(topics.members(projectId), topics.project(projectId));
    if (kind === 'project.changed') found.push(topics.project(projectId), topics.retention(projectId));
    if (kind === 'requestTypes.changed') found.push(topics.requestTypes(projectId));
    if (kind === 'retention.changed') found.push(topics.retention(projectId));
  }
  if (kind.startsWith('upload.')) found.push(topics.uploads());
  if (kind === 'notification.changed') found.push(topics.notifications());
  if (kind === 'account.changed') found.push(topics.account());
  if (kind === 'reasons.changed') found.push(topics.reasons());
  return found;
}
