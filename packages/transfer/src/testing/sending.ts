/** For tests: a person of a hub who uploads, and what the hub has of it. */
import { request as httpRequest } from 'node:http';
import { beginUpload } from '@turnover/core/uploads/uploads';
import type { UploadHandlerOptions } from '../upload-server.ts';
import { ask, startTransfers, tus, type Ask } from './transfers.ts';

export type Sending = Awaited<ReturnType<typeof startSending>>;

export async function startSending(options: UploadHandlerOptions = {}) {
  // Nobody waits for a place: that is the subject of other tests.
  const transfers = await startTransfers({ atOnce: { perUser: 10_000, total: 10_000 }, ...options });
  await transfers.uploads.boot();
  const { hub, port } = transfers;
  const project = hub.createProject();
  const person = hub.createPerson({ project });
  transfers.signedIn.set('sender', person);
  const own = { ...tus, Authorization: 'Bearer sender' };
  let count = 0;
  const idOf = (path: string) => path.slice('/uploads/'.length);
  return {
    ...transfers,
    async begin(sizeBytes: number, checksum?: string): Promise<string> {
      const filename = `take ${++count}.mov`;
      const input = { projectId: project.id, filename, sizeBytes, replace: false, checksum };
      return (await beginUpload(hub.as(person), input)).uploadUrl;
    },
    patch(path: string, offset: number, body: Buffer, { to = port, headers = {} }: PatchOptions = {}) {
      const about = { 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': offset };
      const all = { ...own, ...about, 'Content-Length': body.length, ...headers };
      return ask(to, 'PATCH', path, { headers: all, body });
    },
    /** Sends the beginning of a body and keeps the connection open. Resolves with the status, or 0 at the end of the connection. */
    open(path: string, length: number, beginning: Buffer, to = port) {
      const about = { 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': 0 };
      const headers = { ...own, ...about, 'Content-Length': length };
      const request = httpRequest({
        host: '127.0.0.1',
        port: to,
        method: 'PATCH',
        path,
        agent: false,
        headers,
      });
      const status = new Promise<number>((resolve) => {
        request.on('response', (response) => {
          response.on('error', () => undefined).resume();
          resolve(response.statusCode ?? 0);
        });
        request.on('error', () => resolve(0));
      });
      request.write(beginning);
      return { request, status };
    },
    head: (path: string) => ask(port, 'HEAD', path, { headers: own }),
    async offsetOf(path: string): Promise<number> {
      return Number((await ask(port, 'HEAD', path, { headers: own })).headers['upload-offset']);
    },
    idOf,
    partOf: (path: string) => hub.storage.incomingPath(idOf(path)),
    statusOf: (path: string) =>
      hub.db.$client.prepare('select status from uploads where id = ?').pluck().get(idOf(path)) as string,
  };
}

type PatchOptions = { to?: number; headers?: Ask['headers'] };
