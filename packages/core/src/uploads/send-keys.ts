/** Idempotency keys of small files: a file that is sent again with its key is the upload of the first time. */
import { and, eq } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { entries } from '@turnover/db/schema/entries';
import { uploads } from '@turnover/db/schema/uploads';
import { parseChecksum } from '@turnover/domain/media/checksums';
import { HubError } from '@turnover/domain/errors';
import type { BeginUploadInput } from '@turnover/domain/workspace/uploads';
import type { Upload } from '../access.ts';
import type { PersonContext } from '../context.ts';

type Keyed = { input: BeginUploadInput; key?: string | null | undefined };

/**
 * The upload that this person's earlier file with this key has become; null when there is none, or when its bytes were
 * rejected. Throws `conflict` when the key belongs to a different file.
 */
export function findSent(db: Reader, ctx: PersonContext, file: Keyed): string | null {
  const sent = withKey(db, ctx, file.key);
  if (!sent || isLost(sent)) return null;
  if (isSame(db, sent, file.input)) return sent.id;
  throw new HubError('conflict', 'This key belongs to a different file. Use a new key for each file.');
}

/** As `findSent`. Frees the key of a file whose bytes were rejected, so that the file can be stored anew. */
export function claimKey(tx: Transaction, ctx: PersonContext, file: Keyed): string | null {
  const sent = withKey(tx, ctx, file.key);
  if (!sent || !isLost(sent)) return findSent(tx, ctx, file);
  tx.update(uploads).set({ sendKey: null }).where(eq(uploads.id, sent.id)).run();
  return null;
}

function withKey(db: Reader, { person }: PersonContext, key: Keyed['key']): Upload | undefined {
  if (!key) return undefined;
  return db
    .select()
    .from(uploads)
    .where(and(eq(uploads.userId, person.id), eq(uploads.sendKey, key)))
    .get();
}

function isLost({ status }: Upload): boolean {
  return status === 'mismatch' || status === 'discarded';
}

function isSame(db: Reader, sent: Upload, input: BeginUploadInput): boolean {
  const declared = input.checksum ? parseChecksum(input.checksum) : null;
  const relativePath = input.relativePath ?? input.filename;
  return (
    sent.projectId === input.projectId &&
    sent.requestId === (input.requestId ?? null) &&
    sent.sizeBytes === input.sizeBytes &&
    sent.relativePath === relativePath &&
    sent.declaredAlgorithm === (declared?.algorithm ?? null) &&
    sent.declaredValue === (declared?.value ?? null) &&
    (sent.requestId !== null || isBelow(db, sent.folderId, relativePath, input.folderId ?? null))
  );
}

/** Whether the folder that received the file is the one that the path of the file leads to from `targetId`. */
function isBelow(
  db: Reader,
  folderId: string | null,
  relativePath: string,
  targetId: string | null,
): boolean {
  let at = folderId;
  for (let level = relativePath.split('/').length; level > 1 && at !== null; level--) {
    const folder = db.select({ parentId: entries.parentId }).from(entries).where(eq(entries.id, at)).get();
    // Somebody has deleted a folder of the path since. Nothing shows that the file is a different one.
    if (!folder) return true;
    at = folder.parentId;
  }
  return at === targetId;
}
