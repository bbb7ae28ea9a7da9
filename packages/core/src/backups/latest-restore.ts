/** The latest restore, for the page of the backups. */
import { desc } from 'drizzle-orm';
import type { Database } from '@turnover/db/open';
import { restores } from '@turnover/db/schema/backups';
import type { BackupsView } from '@turnover/domain/server/backups';

export function latestRestore(db: Database): BackupsView['latestRestore'] {
  const row = db.select().from(restores).orderBy(desc(restores.createdAt)).limit(1).get();
  if (!row) return null;
  const { backup, createdAt, orderedBy, state, reason, restorePoint } = row;
  return { backup, at: createdAt, by: orderedBy, state, reason, restorePoint };
}
