// Opens the data folder exclusively for this process: checked, migrated and marked as this hub's.
import type { Config } from '@turnover/config/config';
import { claimDataFolder, inspectDataFolder } from '@turnover/core/server/claim-folder';
import { endOldAccess, type EndedAccess } from '@turnover/core/server/end-old-access';
import { forgetFacts } from '@turnover/core/backups/restore-facts';
import { interruptOrders, recordRestore } from '@turnover/core/backups/restores';
import { idsFrom } from '@turnover/core/ids';
import { lockDataFolder, type InstanceLock } from '@turnover/db/instance-lock';
import { defaultStateFolder, rememberFolder } from '@turnover/db/known-folders';
import { openMigrated } from '@turnover/db/migrate';
import { setWaitMs, type Database } from '@turnover/db/open';
import { keepReserve, openSpaceReserve, type SpaceReserve } from '@turnover/db/space-reserve';

export type OpenDataFolder = {
  db: Database;
  lock: InstanceLock;
  hubId: string;
  reserve: SpaceReserve;
  /** The access that ended with the old hub; undefined unless the database was restored from a backup. */
  endedAccess: EndedAccess | undefined;
};

const servingWaitMs = 400;

/** Opens the data folder. Takes the lock between the checks and the first change, so that a refusal leaves no trace. */
export function openDataFolder(config: Config): OpenDataFolder {
  const { dataFolder, acceptMissingFiles } = config;
  const known = { stateFolder: config.stateFolder ?? defaultStateFolder(), startAnew: config.startAnew };
  let lock: InstanceLock | undefined;
  let db: Database | undefined;
  try {
    db = openMigrated(dataFolder, {
      clock: Date.now,
      beforeChange: () => (lock = lockDataFolder(dataFolder)),
      inspect: (found) => inspectDataFolder(found, dataFolder, { acceptMissingFiles }),
      known,
    });
    let endedAccess: EndedAccess | undefined;
    const maker = { clock: Date.now, newId: idsFrom(Date.now) };
    const { hubId } = claimDataFolder(db, dataFolder, {
      ...maker,
      acceptMissingFiles,
      onRestored: (tx) => {
        endedAccess = endOldAccess(tx, Date.now());
        recordRestore(tx, maker, { dataFolder, ended: endedAccess });
      },
    });
    interruptOrders(db);
    forgetFacts(dataFolder);
    rememberFolder(known.stateFolder, dataFolder, hubId, Date.now());
    // From now on people wait for this process. Changes first check whether they can start, so a wait for the database
    // is rare.
    setWaitMs(db, servingWaitMs);
    const reserve = openSpaceReserve(dataFolder);
    keepReserve(db.$client, reserve);
    return { db, lock: lock!, hubId, reserve, endedAccess };
  } catch (error) {
    db?.$client.close();
    lock?.release();
    throw error;
  }
}
