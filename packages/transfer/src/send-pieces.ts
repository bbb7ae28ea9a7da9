// Sends a document that is written while it is sent.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { contentDisposition } from './content-disposition.ts';

export type SentDocument = {
  fileName: string;
  type: string;
  pieces: AsyncIterable<string | Uint8Array>;
  /** Called before each piece. Throws when the reader has lost access or has signed out. */
  check(): Promise<void>;
};

/** Sends the head and, except for HEAD requests, the pieces. Stops when the reader disconnects or loses access. */
export async function sendPieces(
  method: string | undefined,
  response: ServerResponse,
  { fileName, type, pieces, check }: SentDocument,
): Promise<void> {
  response.writeHead(200, {
    'Content-Type': type,
    'Content-Disposition': contentDisposition(fileName),
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "sandbox; default-src 'none'",
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cache-Control': 'private, no-store',
    'X-Accel-Buffering': 'no',
  });
  if (method === 'GET') {
    for await (const piece of pieces) {
      await check();
      if (response.destroyed) return;
      if (piece.length > 0 && !response.write(piece)) await drainedOrClosed(response);
    }
  }
  response.end();
}

async function drainedOrClosed(response: ServerResponse): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  try {
    await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]);
  } finally {
    // Removes the other listener too; otherwise one would remain for each piece.
    over.abort();
  }
}
