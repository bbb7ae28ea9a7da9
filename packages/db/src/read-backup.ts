/** Reads what a restore must know of a backup. Refuses files that are not sound backups of this version or an older one. */
import Sqlite from 'better-sqlite3';
import { checkDatabase } from './check-database.ts';
import { DatabaseRefused } from './database-refused.ts';
import { migrationsFolder, readMigrations } from './migration-files.ts';
import { hasTable, storedAssets, type StoredAsset } from './vault-manifest.ts';
import { BackupDamaged, verifyBackup } from './verify-backup.ts';

export type BackupContent = {
  sizeBytes: number;
  /** False for a backup of an older version: only the database itself could be checked. */
  isHashed: boolean;
  /** The hub updates the database when it starts. */
  isOlderSchema: boolean;
  /** Undefined in a database that is older than the identity of hubs. */
  hubId: string | undefined;
  /** Access that the copy would bring back. The hub ends it when it starts from the copy. */
  access: { sessions: number; tokens: number; invitations: number };
};

/** `onAsset` is called for each stored file that the backup names. */
export function readBackup(path: string, onAsset: (asset: StoredAsset) => void): BackupContent {
  const { sizeBytes, isHashed } = verify(path);
  const migrations = readMigrations(migrationsFolder);
  checkDatabase(path, migrations);
  const client = new Sqlite(path, { readonly: true });
  try {
    if (client.pragma('user_version', { simple: true }) === 0) throw notMarked(path);
    for (const asset of storedAssets(client)) onAsset(asset);
    return {
      sizeBytes,
      isHashed,
      isOlderSchema: countRows(client, 'migrations') < migrations.length,
      hubId: hubIdOf(client),
      access: {
        sessions: countRows(client, 'sessions'),
        tokens: countRows(client, 'api_tokens', 'revoked_at is null'),
        invitations: countRows(client, 'invitations', 'accepted_at is null and revoked_at is null'),
      },
    };
  } finally {
    client.close();
  }
}

/** The newest entry of the audit log in a backup; null when it has none, as in earlier versions. */
export function newestAuditEntry(path: string): { seq: number; hash: string } | null {
  const client = new Sqlite(path, { readonly: true });
  try {
    if (!hasTable(client, 'audit_entries')) return null;
    const newest = client.prepare('select seq, hash from audit_entries order by seq desc limit 1').get();
    return (newest as { seq: number; hash: string } | undefined) ?? null;
  } finally {
    client.close();
  }
}

function verify(path: string) {
  try {
    return verifyBackup(path);
  } catch (error) {
    if (!(error instanceof BackupDamaged)) throw error;
    throw new DatabaseRefused(`${error.message} Nothing was changed.`, { cause: error });
  }
}

function notMarked(path: string): DatabaseRefused {
  return new DatabaseRefused(
    `${path} is a database of Turnover, but not a backup: it may lack its latest changes, and old sign-ins would stay valid. ` +
      'Use a file that the worker or `npm run turnover -- backup` made. Nothing was changed.',
  );
}

function hubIdOf(client: Sqlite.Database): string | undefined {
  if (!hasTable(client, 'hub')) return undefined;
  return client.prepare('select id from hub').pluck().get() as string | undefined;
}

/** Returns 0 when an old schema lacks the table. */
function countRows(client: Sqlite.Database, table: string, condition = 'true'): number {
  if (!hasTable(client, table)) return 0;
  return client.prepare(`select count(*) from ${table} where ${condition}`).pluck().get() as number;
}
