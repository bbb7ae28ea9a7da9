/** The child process of `backup`: copying and checking block for as long as the database is large. */
import { writeBackup } from '@turnover/db/backup';

const [database, target] = process.argv.slice(2) as [string, string];
try {
  writeBackup(database, target);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
