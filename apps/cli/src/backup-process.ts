/** The child process of `backup`. Copying and checking block for as long as a large database takes. */
import { writeBackup } from '@turnover/db/backup';

const [database, target] = process.argv.slice(2) as [string, string];
try {
  writeBackup(database, target);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
