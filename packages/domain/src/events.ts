/** Events: the history that people read, and the signals that keep pages live. */
import { z } from 'zod';
import { idSchema } from './ids.ts';

/** `history` events stay for ever. `signal` events only make pages reload, and are deleted after a while. */
export const eventKinds = {
  'request.created': 'history',
  'request.updated': 'history',
  'request.assigned': 'history',
  'request.submitted': 'history',
  'request.processingStarted': 'history',
  'request.processingResumed': 'history',
  'request.processed': 'history',
  'request.accepted': 'history',
  'request.reopened': 'history',
  'request.redeliveryAsked': 'history',
  'request.cancelled': 'history',
  'request.restored': 'history',
  'request.promised': 'history',
  'request.reminded': 'history',
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
  'file.stageRetried': 'history',
  'file.stageSkipped': 'history',
  'file.stageCancelled': 'history',
  'file.stageChanged': 'signal',
  'file.progress': 'signal',
  'manifest.compared': 'history',
  'manifest.changed': 'signal',
  'upload.changed': 'signal',
  'upload.progress': 'signal',
  'upload.mismatch': 'history',
  'upload.discarded': 'history',
  'workspace.changed': 'signal',
  'notification.changed': 'signal',
  'retention.changed': 'signal',
  'project.changed': 'signal',
  'requestTypes.changed': 'signal',
  'savedViews.changed': 'signal',
  'member.added': 'history',
  'member.roleChanged': 'history',
  'member.removed': 'history',
  'account.changed': 'signal',
  'reasons.changed': 'signal',
} as const;

/** Events of the whole hub, which every signed-in person receives. */
export const hubWideKinds = ['reasons.changed'] as const satisfies (keyof typeof eventKinds)[];

export type EventKind = keyof typeof eventKinds;
/** The kinds of events that people read. */
export type HistoryKind = {
  [Kind in EventKind]: (typeof eventKinds)[Kind] extends 'history' ? Kind : never;
}[EventKind];
const eventKindSchema = z.enum(Object.keys(eventKinds) as [EventKind, ...EventKind[]]);

/** Facts of the event, such as names and counts. The reader's page makes a sentence of them. */
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
  /** Null when the hub itself acted, or when the reader may not know the person's name (`isActorHidden`). */
  actor: z.object({ id: z.string(), name: z.string() }).nullable(),
  isActorHidden: z.literal(true).optional(),
  data: eventDataSchema,
});
export type EventView = z.infer<typeof eventView>;

export const streamInput = z.object({
  projectId: idSchema('project').nullish(),
  /**
   * The id of the last event that the client received, sent by its library on a reconnect. The events after it are sent
   * first.
   */
  lastEventId: z.union([z.string().max(30), z.number()]).nullish(),
});

/**
 * `reset`: the cursor is too old, so the client must load everything anew. `replaced`: the person opened more streams
 * than the hub keeps for one person, and this was the oldest. It must not reconnect at once, because that would only
 * replace another.
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
  savedViews: (projectId: string) => `turnover:savedViews:${projectId}` as const,
  reasons: () => 'turnover:reasons' as const,
  retention: (projectId: string) => `turnover:retention:${projectId}` as const,
} as const;

type TopicName = keyof typeof topics;

const requestAndList = ['request', 'requests'] as const;
/** Topics of an event that also changes where the files of a Workspace are delivered. */
const requestAndFiles = ['request', 'requests', 'workspace'] as const;
const requestOnly = ['request'] as const;
const members = ['members', 'project'] as const;

/** The pages that each kind of event reloads. `patched` reloads none: the page takes it from the message itself. */
const topicsByKind: Record<EventKind, readonly [TopicName, ...TopicName[]] | 'patched'> = {
  'request.created': requestAndList,
  'request.updated': requestAndList,
  'request.assigned': requestAndList,
  'request.submitted': requestAndFiles,
  'request.processingStarted': requestAndFiles,
  'request.processingResumed': requestAndFiles,
  'request.processed': requestAndFiles,
  'request.accepted': requestAndFiles,
  'request.reopened': requestAndFiles,
  'request.redeliveryAsked': requestAndFiles,
  'request.cancelled': requestAndFiles,
  'request.restored': requestAndFiles,
  'request.promised': requestAndList,
  'request.reminded': requestAndList,
  'request.commented': requestAndList,
  'request.commentChanged': requestAndList,
  'request.ruleOverridden': requestAndList,
  'request.pinAnswered': requestAndList,
  'request.pinChecked': requestAndList,
  'file.added': requestAndList,
  'file.renamed': requestAndList,
  'file.removed': requestAndFiles,
  'file.cleared': requestAndFiles,
  'file.replaced': requestAndList,
  'file.restored': requestAndFiles,
  'file.stageFailed': requestAndList,
  'file.stageRetried': requestAndList,
  'file.stageSkipped': requestAndList,
  'file.stageCancelled': requestAndList,
  'file.stageChanged': requestOnly,
  'file.progress': 'patched',
  'manifest.compared': requestAndList,
  'manifest.changed': requestOnly,
  'upload.changed': [...requestAndList, 'uploads'],
  'upload.progress': 'patched',
  'upload.mismatch': [...requestAndList, 'uploads'],
  'upload.discarded': [...requestAndList, 'uploads'],
  'workspace.changed': ['workspace'],
  'notification.changed': ['notifications'],
  'retention.changed': ['retention'],
  'project.changed': ['project', 'retention'],
  'requestTypes.changed': ['requestTypes'],
  'savedViews.changed': ['savedViews'],
  'member.added': members,
  'member.roleChanged': members,
  'member.removed': members,
  'account.changed': ['account'],
  'reasons.changed': ['reasons'],
};

export function topicsOf({
  kind,
  projectId,
  requestId,
}: Pick<EventView, 'kind' | 'projectId' | 'requestId'>): string[] {
  const names = topicsByKind[kind];
  if (names === 'patched') return [];
  return names.flatMap((name): string[] => {
    if (name === 'request') return requestId ? [topics.request(requestId)] : [];
    if (name === 'requests') return projectId && requestId ? [topics.requests(projectId)] : [];
    if (name === 'uploads' || name === 'account' || name === 'notifications' || name === 'reasons') {
      return [topics[name]()];
    }
    return projectId ? [topics[name](projectId)] : [];
  });
}
