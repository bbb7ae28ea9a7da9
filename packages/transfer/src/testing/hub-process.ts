// Runs the transfer handlers on the real core in a process that tests can kill. A person's id is their token.
// node hub-process.ts <data folder> [crash point]
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Context, Person } from '@turnover/core/context';
import { armCrashpoint } from '@turnover/core/crashpoints';
import { idsFrom } from '@turnover/core/ids';
import { openLocalStorage } from '@turnover/core/storage';
import { noBackups, roomyLimits } from '@turnover/core/testing/limits';
import { openDatabase } from '@turnover/db/open';
import { createUploadHandler } from '../upload-server.ts';

const [dataFolder = '', crashpoint] = process.argv.slice(2);
const ctx: Context = {
  db: openDatabase(join(dataFolder, 'turnover.db')),
  clock: Date.now,
  newId: idsFrom(Date.now),
  storage: await openLocalStorage(dataFolder),
  limits: roomyLimits,
  backups: noBackups,
  mail: { configured: false },
  log: (level, event, facts) => console.error(JSON.stringify({ level, event, ...facts })),
};
const select = ctx.db.$client.prepare('select id, email, name from users where id = ?');
const uploads = createUploadHandler({
  ctx,
  async authenticate({ headers }) {
    const found = select.get(headers.authorization?.slice('Bearer '.length)) as Pick<
      Person,
      'id' | 'email' | 'name'
    >;
    return found ? { ...ctx, person: { ...found, companyId: null, isOwner: false, locale: null } } : null;
  },
  ownOrigins: () => [],
});
await uploads.boot();
if (crashpoint !== undefined) armCrashpoint(crashpoint);
const server = createServer(
  { requestTimeout: 0 },
  (request, response) => void uploads.handle(request, response),
);
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.send?.({ ready: `http://127.0.0.1:${port}`, port });
});
process.on('disconnect', () => process.exit());
process.on('SIGTERM', () => void uploads.shutdown().then(() => process.exit()));
