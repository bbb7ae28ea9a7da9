// Serves what `npm run build` has built, without writing into the sources: for systemd and containers.
import { requirePrepared } from './bootstrap.mjs';
import { runServers } from './servers.mjs';

requirePrepared('web');
process.exitCode = await runServers(process.env);
