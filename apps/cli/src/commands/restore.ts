import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { backupsOf, type Config } from '@turnover/config/config';
import { armCrashpoint } from '@turnover/core/crashpoints';
import {
  latestRestorePoint,
  restore as restoreDatabase,
  type Restored,
} from '@turnover/core/backups/restore';
import { openOrder, refuseOrder } from '@turnover/core/backups/restores';
import { planRestore, type RestorePlan } from '@turnover/core/backups/restore-plan';
import { backupsFolder, databasePath, refuseNetworkDisk } from '@turnover/db/data-folder';
import { DatabaseRefused } from '@turnover/db/database-refused';
import { refuseForeignFolder } from '@turnover/db/folder-access';
import { lockDataFolder } from '@turnover/db/instance-lock';
import { defaultStateFolder, refuseUnmounted } from '@turnover/db/known-folders';
import type { Command, Output } from '../command.ts';
import { askAtTerminal, requireConsent } from '../consent.ts';
import { serveMaintenancePage } from '../maintenance/page.ts';
import { UsageError } from '../usage-error.ts';
import { readWords } from '../words.ts';

const usage = 'restore <backup> | --undo [--yes] [--other-hub] [--accept-missing-files]';
/** Called by the supervisor, for the order of an owner on the page. Help does not name it. */
const orderedOption = '--ordered';

export const restore: Command = {
  usage,
  sentence:
    'Replaces the database of a stopped hub by a backup, after a restore point of the present one; --undo goes back to the latest restore point.',
  async run(words, { config }, output) {
    if (words.length === 1 && words[0] === orderedOption) return restoreOrdered(config, output);
    const { positionals, values } = readWords(words, usage, {
      undo: { type: 'boolean', default: false },
      yes: { type: 'boolean', default: false },
      'other-hub': { type: 'boolean', default: false },
      'accept-missing-files': { type: 'boolean', default: false },
    });
    if (positionals.length !== (values.undo ? 0 : 1)) throw new UsageError(`Usage: ${usage}`);
    if (config.crashAt) armCrashpoint(config.crashAt);
    const dataFolder = resolve(config.dataFolder);
    const backup = values.undo ? restorePointOf(dataFolder) : findBackup(positionals[0]!, config);
    const plan = planFor(dataFolder, backup, config, { otherHub: values['other-hub'] });
    output.print(wordsOf(plan).join('\n'));
    if (plan.vault.wrong > 0 && !values['accept-missing-files']) throw filesAreMissing();
    if (!values.yes) await requireConsent(askAtTerminal(), `Restore ${backup}?`);
    output.print(endingOf(restoreDatabase(plan, Date.now), plan));
  },
};

/** Carries out the order of an owner. A refusal is recorded in the database, which then stays as it is. */
async function restoreOrdered(config: Config, output: Output): Promise<void> {
  const dataFolder = resolve(config.dataFolder);
  const order = openOrder(dataFolder);
  if (!order) return;
  const closePage = await serveMaintenancePage(config);
  try {
    const plan = planFor(dataFolder, findListed(order.backup, config), config);
    if (plan.vault.wrong > 0) throw filesAreMissing();
    output.print(endingOf(restoreDatabase(plan, Date.now, order.orderedBy), plan));
  } catch (error) {
    refuseOrder(
      dataFolder,
      order.id,
      error instanceof DatabaseRefused ? error.message : 'An unexpected error.',
    );
    throw error;
  } finally {
    await closePage();
  }
}

function planFor(
  dataFolder: string,
  backup: string,
  config: Config,
  options: { otherHub?: boolean } = {},
): RestorePlan {
  refuseFolder(dataFolder, config);
  // A running hub is refused before the backup is read, which takes a while.
  lockDataFolder(dataFolder).release();
  return planRestore(dataFolder, backup, options);
}

/** Refuses a folder in which the hub could not start, before anything is written into it. */
function refuseFolder(dataFolder: string, { stateFolder, startAnew }: Config): void {
  refuseNetworkDisk(dataFolder);
  refuseForeignFolder(dataFolder);
  if (existsSync(databasePath(dataFolder))) return;
  refuseUnmounted(dataFolder, { stateFolder: stateFolder ?? defaultStateFolder(), startAnew });
}

/** A path, or the name of a file in one of the folders for backups. */
function findBackup(named: string, config: Config): string {
  const path = resolve(named);
  return existsSync(path) ? path : findListed(named, config);
}

function findListed(name: string, config: Config): string {
  const folders = [backupsOf(config).folder, backupsFolder(resolve(config.dataFolder))];
  const path = folders.map((folder) => join(folder, name)).find(existsSync);
  if (path) return path;
  throw new DatabaseRefused(
    `There is no backup ${name}, neither here nor in ${folders[0]}. Nothing was changed.`,
  );
}

function restorePointOf(dataFolder: string): string {
  const point = latestRestorePoint(dataFolder);
  if (point) return point;
  throw new DatabaseRefused(
    `There is no restore point in ${backupsFolder(dataFolder)}: no restore has kept a database there. Nothing was changed.`,
  );
}

function wordsOf({ dataFolder, backup, content, isOtherHub, hasDatabase, vault }: RestorePlan): string[] {
  const { access, isHashed, isOlderSchema } = content;
  return [
    `This replaces the database in ${dataFolder} by ${backup}.`,
    hasDatabase
      ? '  The present database becomes a restore point first; restore --undo goes back to it.'
      : '  The folder has no database yet.',
    '  Everything that was changed since the backup was made is gone from the hub.',
    `  Everybody is signed out: ${access.sessions} sign-ins, ${access.tokens} API tokens and ${access.invitations} open invitations end. Passwords and second factors are again those of the backup; recovery codes end.`,
    ...(isOlderSchema
      ? ['  The backup is of an earlier version; the hub updates the database at its next start.']
      : []),
    ...(isHashed
      ? []
      : ['  No hashes lie beside the backup, as in earlier versions: only the database itself was checked.']),
    ...(isOtherHub
      ? ['  The backup is of another hub, which takes the place of the hub in this folder.']
      : []),
    ...vaultWords(vault),
  ];
}

function vaultWords({ files, wrong, examples, takenBack }: RestorePlan['vault']): string[] {
  return [
    `  The backup names ${files} stored files. ${wrong === 0 ? 'All of them are there.' : `${wrong} of them are not as it says:`}`,
    ...examples.map(({ path, why }) => `    ${path}: ${why}`),
    ...(wrong > examples.length ? [`    and ${wrong - examples.length} more`] : []),
    ...(takenBack.length > 0
      ? [`  ${takenBack.length} files were deleted since, and come back from the quarantine.`]
      : []),
  ];
}

function filesAreMissing(): DatabaseRefused {
  return new DatabaseRefused(
    'Copy the folder vault back first: its newest copy holds everything. ' +
      'If those files are lost for good, add --accept-missing-files, and start the hub once with TURNOVER_ACCEPT_MISSING_FILES=yes. Nothing was changed.',
  );
}

function endingOf({ kept, isWhole }: Restored, { dataFolder }: RestorePlan): string {
  const keptWords =
    kept === null
      ? []
      : isWhole
        ? [`The replaced database is the restore point ${kept}; restore --undo goes back to it.`]
        : [`The replaced database is damaged, so it is no restore point. It lies in ${kept}.`];
  return [`Restored. Start the hub on ${dataFolder}.`, ...keptWords].join('\n');
}
