/** The API client of the demonstration. It can do what any program with a token can do. */
import { createHash } from 'node:crypto';
import type { SampleFile } from './media.ts';

export type Caller = {
  /** `path`: `noun.verb`. docs/api.md describes the results. */
  query(path: string, input?: unknown): Promise<Answer>;
  mutate(path: string, input?: unknown): Promise<Answer>;
  /** Sends the file and waits until its checksum is computed. */
  upload(target: UploadTarget, file: SampleFile): Promise<void>;
};
export class RefusedCall extends Error {
  /** The error code of the hub, as listed in docs/api.md. */
  readonly code: string | undefined;

  constructor(message: string, code: string | undefined) {
    super(message);
    this.code = code;
  }
}

export type UploadTarget = { projectId: string; requestId?: string; folderId?: string; replace?: boolean };
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- callers read single fields of the answer
type Answer = any;

export function callerOf(address: string, token: string): Caller {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const read = async (response: Response): Promise<Answer> => {
    const body = (await response.json()) as Answer;
    if (!response.ok) {
      const message = body.error?.message ?? `The hub answered ${response.status}.`;
      throw new RefusedCall(message, body.error?.data?.hub?.code);
    }
    return body.result.data;
  };
  const query: Caller['query'] = async (path, input) => {
    const query = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`;
    return read(await fetch(`${address}/api/trpc/${path}${query}`, { headers }));
  };
  const mutate: Caller['mutate'] = async (path, input = {}) =>
    read(
      await fetch(`${address}/api/trpc/${path}`, { method: 'POST', headers, body: JSON.stringify(input) }),
    );
  return {
    query,
    mutate,
    async upload(target, { name, folder, bytes }) {
      const { uploadId, uploadUrl } = await mutate('uploads.begin', {
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
        const unfinished = (await query('uploads.list', {})) as { id: string }[];
        return !unfinished.some(({ id }) => id === uploadId);
      });
    },
  };
}

/** Polls until the condition holds, without a time limit. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 150));
}
