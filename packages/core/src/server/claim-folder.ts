/**
 * Checks at the start of the web process that the database and its folders belong together. Each folder carries the hub's
 * marker, so that an unmounted disk, the vault of another hub and a restored database are detected.
 */
import { lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { beginFromCopy } from '@turnover/db/backup';
import { DatabaseRefused } from '@turnover/db/database-refused';
import { isEmptyFolder } from '@turnover/db/folder-access';
import { carriesMarker, markerName, readMarker, writeMarker, type Marker } from '@turnover/db/folder-markers';
import type { Database, Transaction } from '@turnover/db/open';
import { hub } from '@turnover/db/schema/hub';
import { inTransaction } from '@turnover/db/transaction';
import type { Clock } from '../context.ts';
import type { idsFrom } from '../ids.ts';
import { sampleVault, type VaultSample } from './vault-sample.ts';

/** `restored`: since the last start, the database was copied into this folder from a backup or another machine. */
export type FolderClaim = { hubId: string; folderId: string; state: 'first' | 'same' | 'restored' };

export type ClaimOptions = {
  clock: Clock;
  newId: ReturnType<typeof idsFrom>;
  /** Revokes old access, in the transaction that claims the folder. */
  onRestored?: (tx: Transaction) => void;
  /** Start even though sampled files are missing from the vault. */
  acceptMissingFiles?: boolean;
};

type HubRow = Pick<typeof hub.$inferSelect, 'id' | 'folderId' | 'copyId' | 'startedCopyId'>;
type Found = Marker | 'missing';
type Inspected = {
  row: HubRow | undefined;
  root: Found;
  /** Undefined when neither the database nor a marker names a hub. */
  hubId: string | undefined;
  state: FolderClaim['state'];
};

/** Folders that may lie on a separate disk; all three must be on the same one. */
const markedFolders = ['vault', 'incoming', 'quarantine'] as const;

/**
 * Throws `DatabaseRefused` unless the database and the folders belong together. Writes nothing. Accepts a database of an
 * earlier version.
 */
export function inspectDataFolder(
  db: Database,
  dataFolder: string,
  { acceptMissingFiles = false }: Pick<ClaimOptions, 'acceptMissingFiles'> = {},
): Inspected {
  const row = readHub(db);
  const root = requireReadable(dataFolder);
  const below = markedFolders.map((name) => ({ name, path: join(dataFolder, name) }));
  const found = below.map(({ path }) => requireReadable(path));
  const hubId = row?.id ?? firstHubOf([root, ...found]);
  if (hubId) {
    refuseOtherHub(dataFolder, root, hubId);
    below.forEach(({ path }, index) => refuseOtherHub(path, found[index]!, hubId));
  }

  const state = stateOf(row, root);
  const sample = sampleVault(db, dataFolder);
  refuseWrongVault(dataFolder, sample, found[0]!, acceptMissingFiles);
  if (state === 'same') {
    below.forEach(({ path }, index) => refuseEmptied(path, found[index]!, sample));
  }
  return { row, root, hubId, state };
}

/** Claims the folder for this hub and writes missing markers. */
export function claimDataFolder(db: Database, dataFolder: string, options: ClaimOptions): FolderClaim {
  const { hubId, ...inspected } = inspectDataFolder(db, dataFolder, options);
  return take(db, dataFolder, { ...inspected, hubId: hubId ?? options.newId('hub') }, options);
}

/**
 * For other processes than the web process: throws when a folder belongs to another hub. Returns the hub's id and writes
 * nothing.
 */
export function requireMarkers(db: Database, dataFolder: string): string | undefined {
  const row = readHub(db);
  // The web process has not started here yet.
  if (!row) return undefined;
  for (const folder of [dataFolder, ...markedFolders.map((name) => join(dataFolder, name))]) {
    refuseOtherHub(folder, requireReadable(folder), row.id);
    if (!carriesMarker(folder, row.id)) throw withoutMarker(folder);
  }
  return row.id;
}

function take(
  db: Database,
  dataFolder: string,
  known: Inspected & { hubId: string },
  { clock, newId, onRestored }: ClaimOptions,
): FolderClaim {
  const { row, root, hubId, state } = known;
  const mark = (name: string) => {
    const path = join(dataFolder, name);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    if (!carriesMarker(path, hubId)) writeMarker(path, { hubId, folderId: null });
  };
  markedFolders.forEach(mark);
  if (state === 'same') return { hubId, folderId: row!.folderId!, state };

  const folderId = state === 'first' && root !== 'missing' && root.folderId ? root.folderId : newId('folder');
  // Writes a first marker before its row, so that a crash between them still leaves the same hub. A restored database gets
  // its marker afterwards: a crash then only ends the old sessions twice.
  if (state === 'first') writeMarker(dataFolder, { hubId, folderId });
  inTransaction(db, (tx) => {
    if (state === 'restored') onRestored?.(tx);
    if (row) tx.update(hub).set({ folderId, startedCopyId: row.copyId }).where(eq(hub.id, hubId)).run();
    else tx.insert(hub).values({ id: hubId, createdAt: clock(), folderId }).run();
  });
  if (state === 'restored') {
    beginFromCopy(db.$client);
    writeMarker(dataFolder, { hubId, folderId });
  }
  return { hubId, folderId, state };
}

function stateOf(row: HubRow | undefined, root: Found): FolderClaim['state'] {
  // The database is older than markers. If the folder has a marker, the database was restored; otherwise it was always here.
  if (!row) return root === 'missing' ? 'first' : 'restored';
  const isUnstartedCopy = row.copyId !== row.startedCopyId;
  const isHere = root !== 'missing' && row.folderId !== null && root.folderId === row.folderId;
  return isHere && !isUnstartedCopy ? 'same' : 'restored';
}

/** Names no column, because the table of an earlier version, which is not migrated yet, lacks the newer ones. */
function readHub({ $client }: Database): HubRow | undefined {
  const isThere = $client.prepare("select 1 from sqlite_schema where name = 'hub'").get();
  if (!isThere) return undefined;
  const row = $client.prepare('select * from hub limit 1').get() as Record<string, string | null> | undefined;
  if (!row) return undefined;
  const {
    id,
    folder_id: folderId = null,
    copy_id: copyId = null,
    started_copy_id: startedCopyId = null,
  } = row;
  return { id: id!, folderId, copyId, startedCopyId };
}

function firstHubOf(found: readonly Found[]): string | undefined {
  for (const marker of found) if (marker !== 'missing') return marker.hubId;
  return undefined;
}

function requireReadable(folder: string): Found {
  const marker = readMarker(folder);
  if (marker !== 'unreadable') return marker;
  throw new DatabaseRefused(
    `The file ${join(folder, markerName)} is not the marker that Turnover wrote: it is damaged, or another program's. ` +
      'Look whether this is the right folder and its disk is well. If it is, remove that one file and start again. Nothing was changed.',
  );
}

function refuseOtherHub(folder: string, marker: Found, hubId: string): void {
  if (marker === 'missing' || marker.hubId === hubId) return;
  throw new DatabaseRefused(
    `The folder ${folder} belongs to another hub (${marker.hubId}) than the database (${hubId}). ` +
      'Mount the right disk, or put the right database back. ' +
      `If the folder's files are this hub's nevertheless, remove ${join(folder, markerName)} and start again. Nothing was changed.`,
  );
}

function refuseWrongVault(
  dataFolder: string,
  { looked, wrong }: VaultSample,
  marker: Found,
  acceptMissingFiles: boolean,
): void {
  const [first] = wrong;
  if (!first) return;
  const vault = join(dataFolder, 'vault');
  if (wrong.length === looked && marker === 'missing') {
    throw new DatabaseRefused(
      `The files of this hub are not in ${vault}: none of ${looked} that the database names is there. ` +
        'If vault is on a disk of its own, mount it. If the database is a backup, put the vault that belongs to it beside it. Nothing was changed.',
    );
  }
  if (acceptMissingFiles) return;
  throw new DatabaseRefused(
    `${wrong.length} of ${looked} files looked at in ${vault} are not as the database says, such as ${first.path} (${first.why}). ` +
      'Put the vault back that belongs to this database: the newest copy of it holds everything. ' +
      'If those files are lost for good, start once more with TURNOVER_ACCEPT_MISSING_FILES=yes. Nothing was changed.',
  );
}

/**
 * A folder that was marked before and has lost its marker is an empty mount point, unless sampled files prove that it is the
 * same folder.
 */
function refuseEmptied(folder: string, marker: Found, { looked, wrong }: VaultSample): void {
  if (marker !== 'missing') return;
  const isThere = lstatSync(folder, { throwIfNoEntry: false }) !== undefined;
  if (!isThere) return;
  const isProven = folder.endsWith('vault') && looked > wrong.length;
  if (isProven || !isEmptyFolder(folder)) return;
  throw withoutMarker(folder);
}

function withoutMarker(folder: string): DatabaseRefused {
  return new DatabaseRefused(
    `The folder ${folder} does not carry the marker of this hub (${markerName}): its disk is probably not mounted. ` +
      'Mount it and start again. If the folder was emptied on purpose, remove it and start again. Nothing was changed.',
  );
}
