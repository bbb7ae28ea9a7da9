// A supervisor for its tests: `supervise-children.mjs <log file> <how of web> <how of worker> [folder of web's sources]`.
import { fileURLToPath } from 'node:url';
import { supervise } from '../supervisor.mjs';

const [log = '', web = '', worker = '', sources] = process.argv.slice(2);
const child = fileURLToPath(new URL('child.mjs', import.meta.url));
process.exitCode = await supervise(
  [
    { name: 'web', args: [child, log, 'web', web], reloadOn: sources ? [sources] : [] },
    { name: 'worker', after: 'web', args: (address) => [child, log, 'worker', worker, address] },
  ],
  { node: process.execPath, graceMs: 300, waitsMs: [10] },
);
