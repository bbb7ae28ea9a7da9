// A tus creation that carries the whole of a small file: nothing exists before its last byte, and one commit makes the file.
import type { IncomingMessage } from 'node:http';
import type { PersonContext } from '@turnover/core/context';
import { storeSmallFile } from '@turnover/core/uploads/small-files';
import { HubError } from '@turnover/domain/errors';
import { maxBundledFileBytes } from '@turnover/domain/workspace/bundles';
import type { Place } from './admission.ts';
import { readPaced, type PacedEnvironment } from './paced-body.ts';
import { beginInputOf } from './upload-metadata.ts';

/** What these headers ask for needs an upload that can go on. */
const notSmall = ['upload-checksum', 'upload-defer-length', 'upload-concat', 'transfer-encoding', 'trailer'];

export function isSmallWhole({ headers }: IncomingMessage): boolean {
  const length = headers['upload-length'];
  if (typeof length !== 'string' || !/^\d{1,7}$/.test(length) || Number(length) > maxBundledFileBytes)
    return false;
  return (
    Number(headers['content-length']) === Number(length) &&
    notSmall.every((name) => headers[name] === undefined)
  );
}

/**
 * Returns the id of the upload. A connection that breaks before the last byte leaves nothing behind. `authenticate` returns
 * the signed-in person by now, because the body may take long.
 */
export async function receiveSmallFile(
  request: IncomingMessage,
  environment: PacedEnvironment,
  place: Place,
  authenticate: () => Promise<PersonContext | null>,
): Promise<string> {
  const metadata = request.headers['upload-metadata'] as string | undefined;
  const sizeBytes = Number(request.headers['upload-length']);
  const input = beginInputOf(metadata, sizeBytes);
  const bytes = Buffer.allocUnsafeSlow(sizeBytes);
  let filledTo = 0;
  await readPaced(request, environment, place, (piece) => void (filledTo += piece.copy(bytes, filledTo)));
  const ctx = await authenticate();
  if (!ctx) throw new HubError('unauthenticated', 'Sign in and continue.');
  return storeSmallFile(ctx, { input, bytes, metadata });
}
