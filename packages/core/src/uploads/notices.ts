/** Notifies senders when a reservation is about to end because no bytes arrive, and when somebody else discards an upload. */
import { and, asc, eq, gt, isNull, lte, ne, or } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { uploads } from '@turnover/db/schema/uploads';
import { inTransaction } from '@turnover/db/transaction';
import { reservationWarningMs } from '@turnover/domain/workspace/upload-space';
import type { Upload } from '../access.ts';
import type { Context, PersonContext } from '../context.ts';
import { inList } from '../in-list.ts';
import { notify } from '../notifications/inbox.ts';

const maxAtOnce = 500;
const maxNames = 3;

/**
 * Warns senders before reservations end, once for each pause, with one notification for all uploads of a person in a project.
 * Handles at most `maxAtOnce` uploads and returns how many.
 */
export function warnOfIdleUploads(ctx: Context): number {
  const now = ctx.clock();
  const ending = and(
    eq(uploads.status, 'uploading'),
    gt(uploads.reservedUntil, now),
    lte(uploads.reservedUntil, now + reservationWarningMs),
    or(isNull(uploads.warnedOf), ne(uploads.warnedOf, uploads.reservedUntil)),
  );
  return inTransaction(ctx.db, (tx) => {
    const rows = tx
      .select()
      .from(uploads)
      .where(ending)
      .orderBy(asc(uploads.userId), asc(uploads.projectId), asc(uploads.id))
      .limit(maxAtOnce)
      .all();
    tx.update(uploads)
      .set({ warnedOf: uploads.reservedUntil })
      .where(
        inList(
          uploads.id,
          rows.map(({ id }) => id),
        ),
      )
      .run();
    for (const together of Map.groupBy(rows, placeOf).values()) warn(tx, ctx, together);
    return rows.length;
  });
}

/** Notifies the sender that somebody else discarded the upload. */
export function notifyOfDiscard(tx: Transaction, ctx: PersonContext, upload: Upload): void {
  if (upload.userId === ctx.person.id) return;
  const { email } = emailOf(tx, upload.userId);
  const { userId, projectId, path: file } = upload;
  notify(tx, ctx, {
    userId,
    email,
    projectId,
    kind: 'upload.discarded',
    actorId: ctx.person.id,
    data: { file, href: hrefOf(upload) },
  });
}

function placeOf({ userId, projectId }: Upload): string {
  return `${userId} ${projectId}`;
}

function warn(tx: Transaction, ctx: Context, together: readonly Upload[]): void {
  const [first] = together;
  const { userId, projectId } = first!;
  const { email } = emailOf(tx, userId);
  const data = {
    count: together.length,
    files: together.slice(0, maxNames).map(({ path }) => path),
    bytes: together.reduce((sum, { sizeBytes, durableOffset }) => sum + sizeBytes - durableOffset, 0),
    until: Math.min(...together.map(({ reservedUntil }) => reservedUntil!)),
    href: hrefOf(first!),
  };
  notify(tx, ctx, { userId, email, projectId, kind: 'upload.idle', actorId: null, data });
}

function emailOf(tx: Transaction, userId: string): { email: string } {
  return tx.select({ email: users.email }).from(users).where(eq(users.id, userId)).get()!;
}

function hrefOf({ projectId, requestId, folderId }: Upload): string {
  if (requestId) return `/p/${projectId}/deliveries/${requestId}`;
  return `/p/${projectId}/workspace${folderId ? `/${folderId}` : ''}`;
}
