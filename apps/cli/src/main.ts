/** The admin command: `npm run turnover -- <command>`, on the data folder of this machine. */
import { run } from './run.ts';

process.exitCode = await run(process.argv.slice(2), process.env, {
  tell: (text) => console.log(text),
  complain: (text) => console.error(text),
});
