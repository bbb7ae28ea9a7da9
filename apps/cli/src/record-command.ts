/** Writes the entry in the audit log of a command that changes nothing in the database itself. */
import { existsSync, statSync } from 'node:fs';
import type { Config } from '@turnover/config/config';
import { recordAct, type Act } from '@turnover/core/audit/record';
import { databasePath } from '@turnover/db/data-folder';
import { inTransaction } from '@turnover/db/transaction';
import type { Output } from './command.ts';
import { withUnchangedHub } from './with-hub.ts';

/**
 * The command is done already, so it does not fail when the entry cannot be written; it says so. Without a database there is no
 * audit log yet.
 */
export async function recordCommand(
  config: Config,
  act: Pick<Act, 'action' | 'details'>,
  output: Output,
): Promise<void> {
  const path = databasePath(config.dataFolder);
  if (!existsSync(path)) return;
  try {
    await asOwnerOf(path, () =>
      withUnchangedHub(config, (ctx) =>
        inTransaction(ctx.db, (tx) => recordAct(tx, ctx, { actor: null, ...act })),
      ),
    );
  } catch (error) {
    output.printError(`The audit log has no entry of this: ${(error as Error).message}`);
  }
}

/** Root must not leave files in the data folder that the hub's own account cannot write. */
async function asOwnerOf(path: string, work: () => Promise<void>): Promise<void> {
  const { uid, gid } = statSync(path);
  if (process.geteuid?.() !== 0 || uid === 0) return work();
  process.setegid!(gid);
  process.seteuid!(uid);
  try {
    await work();
  } finally {
    process.seteuid!(0);
    process.setegid!(0);
  }
}
