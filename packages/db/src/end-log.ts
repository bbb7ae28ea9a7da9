/** Ends the write-ahead log of a database, so that the database is one file, which another file can replace in one step. */
import Sqlite from 'better-sqlite3';
import { faultReasonOf } from '@turnover/domain/requests/system-faults';
import { DatabaseRefused } from './database-refused.ts';

const waitMs = 2000;

/** Throws `DatabaseRefused` while another connection is open: only the last one can end the log. */
export function endLog(path: string): void {
  const client = new Sqlite(path, { timeout: waitMs, fileMustExist: true });
  try {
    client.pragma('journal_mode = DELETE');
  } catch (error) {
    if (faultReasonOf(error) !== 'busy') throw error;
    throw new DatabaseRefused(
      `Another program has the database ${path} open: the worker, or another command. Stop it and call this again. Nothing was changed.`,
      { cause: error },
    );
  } finally {
    client.close();
  }
}
