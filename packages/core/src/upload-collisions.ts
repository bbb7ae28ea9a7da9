/** Whether a file on its way into a request will find its name free. */
import { and, eq, isNull } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { nameKey } from '@turnover/domain/names';
import { loadDeliveredFile } from './access.ts';
import type { PersonContext } from './context.ts';
import { refuseTakenPath, refuseUploading } from './file-addition.ts';

/** With `replace`, the present file may be there, if it is the person's to remove. */
export function refusePathsInRequest(
  tx: Transaction,
  ctx: PersonContext,
  requestId: string,
  path: string,
  replace: boolean,
): void {
  const present = tx
    .select({ id: deliveredFiles.id })
    .from(deliveredFiles)
    .where(
      and(
        eq(deliveredFiles.requestId, requestId),
        eq(deliveredFiles.pathKey, nameKey(path)),
        isNull(deliveredFiles.removedAt),
      ),
    )
    .get();
  if (present && replace) {
    loadDeliveredFile(tx, ctx.person, present.id, 'file:remove');
    refuseUploading(tx, requestId, [nameKey(path)]);
  } else refuseTakenPath(tx, requestId, path, '');
}
