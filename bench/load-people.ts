// The people of the load benchmark: they open pages, make calls, listen to live updates, upload and download, over real connections
// with real sign-ins.
import { createReadStream, statSync } from 'node:fs';
import { request } from 'node:http';
import type { Visitor } from './load-data.ts';

export type Kind = 'page' | 'call' | 'change';

/** What happened so far. */
export class Figures {
  readonly ms: Record<Kind, number[]> = { page: [], call: [], change: [] };
  readonly errors = new Map<string, number>();
  uploads = 0;
  downloads = 0;
  receivedBytes = 0;
  sentBytes = 0;
  liveEvents = 0;
  liveEnded = 0;

  failed(what: string, error: unknown): void {
    const words = `${what}: ${error instanceof Error ? error.message : String(error)}`;
    this.errors.set(words, (this.errors.get(words) ?? 0) + 1);
  }
}

type Act = { kind: Kind; name: string; path: string; body?: object };

/** Does something that people do all day, chosen at random. */
export async function actOnce(address: string, visitor: Visitor, figures: Figures): Promise<void> {
  const act = chooseAct(visitor);
  const startedAt = performance.now();
  try {
    const answer = await fetch(`${address}${act.path}`, {
      headers: headersOf(address, visitor),
      ...(act.body && { method: 'POST', body: JSON.stringify(act.body) }),
    });
    await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`answered with ${answer.status}`);
    figures.ms[act.kind].push(performance.now() - startedAt);
  } catch (error) {
    figures.failed(act.name, error);
  }
}

function chooseAct({ projectId, requestIds, folderId }: Visitor): Act {
  const requestId = requestIds[Math.floor(Math.random() * requestIds.length)]!;
  const page = (name: string, path: string): Act => ({ kind: 'page', name, path: `/p/${projectId}/${path}` });
  const query = (name: string, input: object): Act => ({
    kind: 'call',
    name,
    path: `/api/trpc/${name}?input=${encodeURIComponent(JSON.stringify(input))}`,
  });
  const acts = [
    page('Deliveries', 'deliveries'),
    page('Details', `deliveries/${requestId}`),
    page('Workspace', 'workspace'),
    page('Folder', `workspace?folder=${folderId}`),
    query('requests.list', { projectId }),
    query('requests.get', { requestId }),
    query('requestFiles.list', { requestId }),
    query('workspace.list', { projectId, folderId }),
    query('workspace.list', { projectId, folderId, order: { column: 'size', descending: true } }),
  ];
  const comment: Act = {
    kind: 'change',
    name: 'comments.create',
    path: '/api/trpc/comments.create',
    body: { requestId, text: 'Reel 3 is on its way.' },
  };
  return Math.random() < 0.1 ? comment : acts[Math.floor(Math.random() * acts.length)]!;
}

function headersOf(address: string, { cookie }: Visitor): Record<string, string> {
  return { cookie, origin: address, 'x-turnover': '1', 'content-type': 'application/json' };
}

/** Listens until the signal. A stream that ends before is opened again, as browsers do, and counted. */
export async function listen(
  address: string,
  visitor: Visitor,
  figures: Figures,
  signal: AbortSignal,
): Promise<void> {
  const input = encodeURIComponent(JSON.stringify({ projectId: visitor.projectId }));
  while (!signal.aborted) {
    try {
      const answer = await fetch(`${address}/api/trpc/live.stream?input=${input}`, {
        headers: { ...headersOf(address, visitor), accept: 'text/event-stream' },
        signal,
      });
      if (answer.status !== 200 || !answer.body) throw new Error(`answered with ${answer.status}`);
      for await (const chunk of answer.body)
        figures.liveEvents += Buffer.from(chunk).toString().split('\ndata:').length - 1;
      figures.liveEnded += 1;
    } catch (error) {
      if (signal.aborted) return;
      figures.failed('live.stream', error);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

/** Uploads one file after another until the signal. */
export async function uploadAll(
  address: string,
  visitor: Visitor,
  file: string,
  figures: Figures,
  signal: AbortSignal,
): Promise<void> {
  const sizeBytes = statSync(file).size;
  for (let turn = 0; !signal.aborted; turn += 1) {
    try {
      const answer = await fetch(`${address}/api/trpc/uploads.begin`, {
        method: 'POST',
        headers: headersOf(address, visitor),
        body: JSON.stringify({ projectId: visitor.projectId, filename: `upload ${turn}.bin`, sizeBytes }),
      });
      if (answer.status !== 200) throw new Error(`begin answered with ${answer.status}`);
      const { result } = (await answer.json()) as { result: { data: { uploadUrl: string } } };
      await send(new URL(result.data.uploadUrl, address), visitor, file, sizeBytes, signal);
      figures.uploads += 1;
      figures.sentBytes += sizeBytes;
    } catch (error) {
      if (!signal.aborted) figures.failed('upload', error);
    }
  }
}

function send(
  url: URL,
  { cookie }: Visitor,
  file: string,
  sizeBytes: number,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      cookie,
      origin: url.origin,
      'tus-resumable': '1.0.0',
      'upload-offset': '0',
      'content-type': 'application/offset+octet-stream',
      'content-length': sizeBytes,
    };
    const patch = request(url, { method: 'PATCH', headers, signal }, (response) => {
      response.resume();
      if (response.statusCode === 204) resolve();
      else reject(new Error(`answered with ${response.statusCode}`));
    });
    patch.on('error', reject);
    const body = createReadStream(file);
    body.on('error', reject).pipe(patch);
  });
}

/** Downloads one file again and again until the signal. */
export async function downloadAll(
  address: string,
  visitor: Visitor,
  figures: Figures,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const answer = await fetch(`${address}/files/${visitor.fileId}`, {
        headers: { cookie: visitor.cookie },
        signal,
      });
      if (answer.status !== 200 || !answer.body) throw new Error(`answered with ${answer.status}`);
      for await (const chunk of answer.body) figures.receivedBytes += chunk.length;
      figures.downloads += 1;
    } catch (error) {
      if (!signal.aborted) figures.failed('download', error);
    }
  }
}
