/** The interface of a running hub as the demonstration uses it: what any program could do with a token. */
import { createHash } from 'node:crypto';
import type { SampleFile } from './media.ts';

export type Caller = {
  /** `noun.verb`; what it answers is as docs/api.md says. */
  ask(path: string, input?: unknown): Promise<Answer>;
  tell(path: string, input?: unknown): Promise<Answer>;
  /** Sends the bytes and waits until their checksum is known. */
  upload(target: UploadTarget, file: SampleFile): Promise<void>;
};
export type UploadTarget = { projectId: string; requestId?: string; folderId?: string; replace?: boolean };
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are read by field right where they are asked for
type Answer = any;

export function callerOf(address: string, token: string): Caller {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const read = async (response: Response): Promise<Answer> => {
    const body = (await response.json()) as Answer;
    if (!response.ok) throw new Error(body.error?.message ?? `The hub answered ${response.status}.`);
    return body.result.data;
  };
  const ask: Caller['ask'] = async (path, input) => {
    const query = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`;
    return read(await fetch(`${address}/api/trpc/${path}${query}`, { headers }));
  };
  const tell: Caller['tell'] = async (path, input = {}) =>
    read(
      await fetch(`${address}/api/trpc/${path}`, { method: 'POST', headers, body: JSON.stringify(input) }),
    );
  return {
    ask,
    tell,
    async upload(target, { name, folder, bytes }) {
      const { uploadId, uploadUrl } = await tell('uploads.begin', {
        ...target,
        filename: name,
        relativePath: folder ? `${folder}/${name}` : undefined,
        sizeBytes: bytes.length,
        checksum: `md5:${createHash('md5').update(bytes).digest('hex')}`,
      });
      const sent = await fetch(`${address}${uploadUrl}`, {
        method: 'PATCH',
        headers: {
          authorization: headers.authorization,
          'tus-resumable': '1.0.0',
          'upload-offset': '0',
          'content-type': 'application/offset+octet-stream',
        },
        body: new Uint8Array(bytes),
      });
      if (!sent.ok) throw new Error(`Sending ${name} failed: ${sent.status}.`);
      await until(async () => {
        const unfinished = (await ask('uploads.list', {})) as { id: string }[];
        return !unfinished.some(({ id }) => id === uploadId);
      });
    },
  };
}

/** Asks again until it holds. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 150));
}
