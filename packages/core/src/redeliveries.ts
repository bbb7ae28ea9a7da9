/** Redeliveries: why a delivery was found wanting, and the round that is opened by it. */
import { inTransaction } from '@turnover/db/transaction';
import { redeliveries } from '@turnover/db/schema/requests';
import { HubError } from '@turnover/domain/errors';
import { reasons as definitions } from '@turnover/domain/reasons';
import type { AskForRedeliveryInput, RequestView } from '@turnover/domain/requests';
import { loadRequest, type Request } from './access.ts';
import type { PersonContext } from './context.ts';
import { everyFile, takeOutFiles } from './file-removal.ts';
import { moveRequest } from './request-transitions.ts';
import { getRequest } from './requests.ts';

type Asked = Omit<AskForRedeliveryInput, 'requestId'>;

/** At least one reason, and a comment where a reason says nothing without one. */
export function askForRedelivery(ctx: PersonContext, { id }: Pick<Request, 'id'>, asked: Asked): RequestView {
  const { comment, clearExisting } = asked;
  const reasons = [...new Set(asked.reasons)];
  requireReasons(reasons, comment);
  inTransaction(ctx.db, (tx) => {
    const { round } = loadRequest(tx, ctx.person, id, 'request:askForRedelivery');
    if (clearExisting) loadRequest(tx, ctx.person, id, 'file:clear');
    const actorId = ctx.person.id;
    const data = { reasons, comment, cleared: clearExisting };
    const request = moveRequest(tx, ctx, id, 'askForRedelivery', { actorId, data });
    tx.insert(redeliveries)
      .values({
        id: ctx.newId('redelivery'),
        requestId: id,
        round,
        askedBy: actorId,
        askedAt: ctx.clock(),
        reasons,
        comment,
        cleared: clearExisting,
      })
      .run();
    if (clearExisting) takeOutFiles(tx, ctx, request, everyFile, { removal: 'cleared', actorId });
  });
  return getRequest(ctx, id);
}

function requireReasons(reasons: Asked['reasons'], comment: string): void {
  if (reasons.length === 0) throw new HubError('reason_required', 'Give at least one reason.');
  const wordless = reasons.find((reason) => definitions[reason].textRequired);
  if (wordless !== undefined && comment === '') {
    throw new HubError('reason_required', 'This reason needs a comment.', {
      reason: wordless,
      field: 'comment',
    });
  }
}
