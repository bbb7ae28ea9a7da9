/** The admin command `npm run turnover -- <command>`. Works on the data folder of this machine. */
import { run } from './run.ts';

process.exitCode = await run(process.argv.slice(2), process.env, {
  print: (text) => console.log(text),
  printError: (text) => console.error(text),
});
