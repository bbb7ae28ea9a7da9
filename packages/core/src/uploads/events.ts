/** What keeps the pages live that show an upload. */
import type { Transaction } from '@turnover/db/open';
import type { EventData, EventKind } from '@turnover/domain/events';
import type { Upload } from '../access.ts';
import type { Context } from '../context.ts';
import { appendEvent } from '../events.ts';

type Told = Pick<Upload, 'id' | 'projectId' | 'requestId' | 'userId'>;

/** To its sender alone, or, on its way into a request, to those who see the request's files. */
export function signalUpload(
  tx: Transaction,
  ctx: Pick<Context, 'clock'>,
  upload: Told,
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
