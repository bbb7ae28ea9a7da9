/** Writes events about uploads, which keep pages live that show them. */
import type { Transaction } from '@turnover/db/open';
import type { EventData, EventKind } from '@turnover/domain/events';
import type { Upload } from '../access.ts';
import type { Context } from '../context.ts';
import { appendEvent } from '../events.ts';

type Signalled = Pick<Upload, 'id' | 'projectId' | 'requestId' | 'userId'>;

/** Reaches only the sender. For an upload into a request, reaches everybody who may see the sender's files there. */
export function signalUpload(
  tx: Transaction,
  ctx: Pick<Context, 'clock'>,
  upload: Signalled,
  kind: Extract<EventKind, `upload.${string}`> = 'upload.changed',
  { actorId = null, data = {} }: { actorId?: string | null; data?: EventData } = {},
): void {
  const { id, projectId, requestId, userId } = upload;
  const audience = requestId ? { deliveredBy: userId } : { audienceId: userId };
  appendEvent(tx, ctx.clock, {
    kind,
    projectId,
    requestId,
    actorId,
    ...audience,
    data: { uploadId: id, ...data },
  });
}
