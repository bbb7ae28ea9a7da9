/** Describes the file that already has the name of an upload. */
import { desc, eq } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { assets } from '@turnover/db/schema/assets';
import { uploads } from '@turnover/db/schema/uploads';
import type { PresentFileView } from '@turnover/domain/workspace/checked-names';
import type { DeliveredFile, Entry, Upload } from '../access.ts';
import { viewPeople } from '../people/person-view.ts';

/** What has the name: an entry, an upload in progress, or a file of a request. */
type Holder = { entry?: Entry | undefined; upload?: Upload | undefined; file?: DeliveredFile };

/** Null when a folder or a sequence has the name, not a file. */
export function presentFile(
  db: Reader,
  { entry, upload, file }: Holder,
  canReplace: boolean,
): PresentFileView | null {
  if (upload) {
    const { sizeBytes, modifiedAt, userId } = upload;
    const by = personNamed(db, userId);
    return { sizeBytes, modifiedAt, arrivedAt: null, state: 'uploading', by, canReplace };
  }
  const assetId = entry?.assetId ?? file?.assetId;
  const asset = assetId ? db.select().from(assets).where(eq(assets.id, assetId)).get() : undefined;
  if (!asset) return null;
  const sent = db
    .select({ modifiedAt: uploads.modifiedAt, userId: uploads.userId })
    .from(uploads)
    .where(eq(uploads.assetId, asset.id))
    .orderBy(desc(uploads.id))
    .limit(1)
    .get();
  return {
    sizeBytes: asset.sizeBytes,
    modifiedAt: sent?.modifiedAt ?? null,
    arrivedAt: asset.createdAt,
    state: asset.state === 'verifying' ? 'verifying' : 'stored',
    by: personNamed(db, file?.deliveredBy ?? sent?.userId ?? null),
    canReplace,
  };
}

function personNamed(db: Reader, userId: string | null) {
  return userId === null ? null : (viewPeople(db, [userId]).get(userId) ?? null);
}
