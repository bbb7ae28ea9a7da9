/**
 * At the start of the web process: whether the database and the folders around it belong together. Each folder gets the
 * hub's marker, so that a disk that is not mounted, the vault of another hub and a restored database are recognised.
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

/** `restored`: the database was put into this folder since it was last started, as a backup or from another machine. */
export type FolderClaim = { hubId: string; folderId: string; state: 'first' | 'same' | 'restored' };

export type ClaimOptions = {
  clock: Clock;
  newId: ReturnType<typeof idsFrom>;
  /** What ends with the old box, in the transaction that takes the folder over. */
  onRestored?: (tx: Transaction) => void;
  /** Start although files of the sample are not in the vault. */
  acceptMissingFiles?: boolean;
};

type HubRow = typeof hub.$inferSelect;
type Found = Marker | 'missing';
type Inspected = {
  row: HubRow | undefined;
  root: Found;
  /** Undefined: nothing says so yet. */
  hubId: string | undefined;
  state: FolderClaim['state'];
};

/** Folders that may lie on a disk of their own, all three on one. */
const markedFolders = ['vault', 'incoming', 'quarantine'] as const;

/** Throws unless they belong together; changes nothing, and takes a database of an earlier version as it is. */
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

/** Takes the folder for this hub: writes the markers that are missing. */
export function claimDataFolder(db: Database, dataFolder: string, options: ClaimOptions): FolderClaim {
  const { hubId, ...inspected } = inspectDataFolder(db, dataFolder, options);
  return take(db, dataFolder, { ...inspected, hubId: hubId ?? options.newId('hub') }, options);
}

/** For those who work beside the web process: refuses folders that are not this hub's. Gives its id, and changes nothing. */
export function requireMarkers(db: Database, dataFolder: string): string | undefined {
  const row = readHub(db);
  // Not started by a web process yet.
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
  // A first marker comes before its row, so that a crash between them is found again as the same hub. That of a restored
  // database comes after it: a crash then ends the old sessions once more.
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
  // A database from before there were markers, in a folder that has one, was put there; without one it was always there.
  if (!row) return root === 'missing' ? 'first' : 'restored';
  const isUnstartedCopy = row.copyId !== row.startedCopyId;
  const isHere = root !== 'missing' && row.folderId !== null && root.folderId === row.folderId;
  return isHere && !isUnstartedCopy ? 'same' : 'restored';
}

function readHub(db: Database): HubRow | undefined {
  const isThere = db.$client.prepare("select 1 from sqlite_schema where name = 'hub'").get();
  return isThere ? db.select().from(hub).limit(1).get() : undefined;
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

/** In a folder that was marked before, a marker that is gone means an empty mount point, unless files prove otherwise. */
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
