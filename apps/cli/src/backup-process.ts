/** The child process of `backup`. It blocks while it copies and checks the database, which takes long for a large one. */
import { writeBackup } from '@turnover/db/backup';

const [database, target] = process.argv.slice(2) as [string, string];
try {
  writeBackup(database, target);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
