/**
 * Posts a file to a service and returns its answer. `fetch` is not used, because it would give up on a service that
 * works for 300 s before it answers.
 */
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';

type Posted = {
  url: string;
  path: string;
  headers: Record<string, string>;
  maxAnswerBytes: number;
  /** Aborts the request. There is no other time limit. */
  signal: AbortSignal;
};

/** Follows no redirect. `body` is null when the answer exceeds the limit. */
export async function postFile(posted: Posted): Promise<{ status: number; body: string | null }> {
  const { url, path, headers, maxAnswerBytes, signal } = posted;
  const { size } = await stat(path);
  const request = url.startsWith('https:') ? requestHttps : requestHttp;
  const asked = request(url, {
    method: 'POST',
    headers: { ...headers, 'content-length': size },
    // Opens a new connection, because the service may have closed one that was kept alive.
    agent: false,
    signal,
  });
  // Detects that the machine of the service has gone while it works.
  asked.setSocketKeepAlive(true, 60_000);
  // A service may answer and hang up before it has read the whole file. Errors that matter reach the reader of the answer.
  asked.on('error', () => {});
  const sent = createReadStream(path);
  sent.on('error', (error) => asked.destroy(error));
  sent.pipe(asked);
  try {
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return { status: response.statusCode ?? 0, body: await readBounded(response, maxAnswerBytes) };
  } finally {
    sent.destroy();
    asked.destroy();
  }
}

async function readBounded(response: IncomingMessage, maxBytes: number): Promise<string | null> {
  const parts: Buffer[] = [];
  let received = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    received += part.length;
    if (received > maxBytes) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}
