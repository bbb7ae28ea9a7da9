// A child for the supervisor's tests: `child.mjs <log file> <name> <how> [address]`. It logs what happens to it.
import { appendFileSync, readFileSync } from 'node:fs';

const [log = '', name = '', how = '', address = ''] = process.argv.slice(2);
/** @param {string} what */
const note = (what) => appendFileSync(log, `${name} ${what} ${process.pid}\n`);

const isFirstStart = !readFileSync(log, 'utf8').includes(`${name} started`);
note('started');
setInterval(() => {}, 60_000);

if (how === 'stubborn') process.on('SIGTERM', () => note('ignored'));
else process.on('SIGTERM', () => end('stopped'));
process.on('disconnect', () => end('abandoned'));
if (how === 'refuses') process.exit(78);
if (how === 'dies once' && isFirstStart) process.exit(1);
if (how === 'pauses') process.send?.({ pause: true });
if (how === 'follows') note(`follows ${address}`);
process.on('message', (message) => {
  const { said } = Object(message);
  note(`keeps ${said.level}: ${said.words}`);
});
process.send?.({ ready: `the address of ${name}`, keepsLog: how === 'keeps the log' });

/** @param {string} what */
function end(what) {
  note(what);
  process.exit(0);
}
