// Opens the data folder for this process alone: checked, brought up to date, and marked as this hub's.
import type { Config } from '@turnover/config/config';
import { claimDataFolder, inspectDataFolder } from '@turnover/core/claim-folder';
import { idsFrom } from '@turnover/core/new-id';
import { lockDataFolder, type InstanceLock } from '@turnover/db/instance-lock';
import { defaultStateFolder, rememberFolder } from '@turnover/db/known-folders';
import { openMigrated } from '@turnover/db/migrate';
import type { Database } from '@turnover/db/open';

export type OpenDataFolder = { db: Database; lock: InstanceLock; hubId: string };

/** The lock is taken between the checks and the first change, so that a refusal leaves no trace. */
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
    const claim = { clock: Date.now, newId: idsFrom(Date.now), acceptMissingFiles };
    const { hubId } = claimDataFolder(db, dataFolder, claim);
    rememberFolder(known.stateFolder, dataFolder, hubId, Date.now());
    return { db, lock: lock!, hubId };
  } catch (error) {
    db?.$client.close();
    lock?.release();
    throw error;
  }
}
