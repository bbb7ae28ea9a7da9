// For tests: the real handlers on the real core behind a real socket, and a client that sends exactly what a test says.
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Person } from '@turnover/core/context';
import { testHub, type TestHub } from '@turnover/core/testing/hub';
import { createAuditDocumentHandler } from '../audit-documents.ts';
import { createEvidenceHandler } from '../evidence-documents.ts';
import { createDownloadHandler, type DownloadHandlerOptions } from '../download.ts';
import { createRoundDocumentHandler } from '../round-documents.ts';
import { createUploadHandler, type UploadHandlerOptions } from '../upload-server.ts';

export type Answer = { status: number; headers: IncomingHttpHeaders; body: string };

export type Ask = { headers?: OutgoingHttpHeaders; body?: Buffer | string };

export const tus = { 'Tus-Resumable': '1.0.0' };

export async function startTransfers(
  options: UploadHandlerOptions & {
    downloads?: DownloadHandlerOptions;
    hub?: TestHub;
    /** Headers of every answer. */
    headers?: Record<string, string>;
  } = {},
) {
  const hub = options.hub ?? (await testHub());
  /** The signed-in person by token. Deleting one ends that sign-in. */
  const signedIn = new Map<string, Person>();
  const transferHub = {
    ctx: hub.ctx,
    authenticate: async ({ headers }: { headers: IncomingHttpHeaders }) => {
      const person = signedIn.get(String(headers.authorization).replace('Bearer ', ''));
      return person ? hub.as(person) : null;
    },
    ownOrigins: () => ['http://hub.example'],
  };
  const uploads = createUploadHandler(transferHub, options);
  const downloads = createDownloadHandler(transferHub, options.downloads);
  const documents = createRoundDocumentHandler(transferHub);
  const audit = createAuditDocumentHandler(transferHub);
  const evidence = createEvidenceHandler(transferHub);
  const server = createServer((request, response) => {
    const mounts = [
      ['/files', downloads],
      ['/rounds', documents],
      ['/audit', audit],
      ['/evidence', evidence],
    ] as const;
    for (const [name, value] of Object.entries(options.headers ?? {})) response.setHeader(name, value);
    const handler = mounts.find(([prefix]) => request.url?.startsWith(prefix))?.[1] ?? uploads;
    void handler.handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    hub,
    uploads,
    downloads,
    port,
    signedIn,
    ask: (method: string, path: string, message?: Ask) => ask(port, method, path, message),
    connections: () =>
      new Promise<number>((resolve) => server.getConnections((_error, connections) => resolve(connections))),
    async close() {
      await uploads.shutdown();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      hub.close();
    },
  };
}

export type Transfers = Awaited<ReturnType<typeof startTransfers>>;

/** Starts the handlers with a project and a member of it, who is signed in by the token `sender`. */
export async function startWithSender(): Promise<{ transfers: Transfers; projectId: string }> {
  const transfers = await startTransfers();
  const project = transfers.hub.createProject();
  transfers.signedIn.set('sender', transfers.hub.createPerson({ project }));
  return { transfers, projectId: project.id };
}

/** Sends one request on its own connection. */
export function ask(
  port: number,
  method: string,
  path: string,
  { headers = {}, body }: Ask = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { port, host: '127.0.0.1', method, path, headers, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** Encodes the `Upload-Metadata` header. */
export function metadata(fields: Record<string, string>): string {
  return Object.entries(fields)
    .map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
    .join(',');
}
