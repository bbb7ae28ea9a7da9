// @tus/server with its own file store and nothing else: the baseline for the benchmarks and torture tests.
// node stock-process.ts <folder>
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';

const [directory = ''] = process.argv.slice(2);
const tus = new Server({ path: '/uploads', datastore: new FileStore({ directory }), relativeLocation: true });
const server = createServer({ requestTimeout: 0 }, (request, response) => void tus.handle(request, response));
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.send?.({ ready: `http://127.0.0.1:${port}`, port });
});
process.on('disconnect', () => process.exit());
