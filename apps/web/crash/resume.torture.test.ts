/** An upload that breaks and meets an error when it resumes: it goes on where it was, and never begins again at its first byte. */
import { randomFillSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tortureRow, type Row } from '@turnover/core/testing/torture-row';
import { startSending, type Sending } from '@turnover/transfer/testing/sending';
import type { ReportedError } from '#lib/reported-error.ts';
import { Transmission } from '#lib/features/uploads/transmission.ts';

const pieceBytes = 64 * 1024;
/** Null: the connection breaks again. */
const statuses = [401, 403, 408, 423, 429, 500, 502, 503, 504, null];
/** Who answers: a proxy with its own page, or the hub, after whose 401 and 403 the person signs in and presses resume. */
const speakers = ['proxy', 'hub'] as const;
const atOnce = 20;

tortureRow('resume-statuses', {
  promise: 'no status at a resume throws progress away',
  shortTrials: statuses.length * speakers.length,
  longTrials: 200,
  run: async (row) => {
    // Drawn before anything runs at once, so that the same seed breaks the same requests.
    const breaks = Array.from({ length: row.trials }, () => row.between(2, 5));
    const sending = await startSending();
    try {
      for (let trial = 0; trial < row.trials; trial += atOnce) {
        const turns = Array.from({ length: Math.min(atOnce, row.trials - trial) }, (_, index) => index);
        await Promise.all(turns.map((index) => resume(row, sending, trial + index, breaks[trial + index]!)));
      }
    } finally {
      await sending.close();
    }
  },
});

async function resume(row: Row, sending: Sending, trial: number, breakAt: number): Promise<void> {
  const status = statuses[trial % statuses.length]!;
  const speaker = speakers[Math.floor(trial / statuses.length) % speakers.length]!;
  const bytes = randomFillSync(Buffer.alloc(4 * pieceBytes + 17));
  const path = await sending.begin(bytes.length);
  const between = await startBetween(sending.port, breakAt, status, speaker);
  try {
    const first = await send(between.address + path, bytes);
    const last = first === 'sent' ? first : await send(between.address + path, bytes);
    const about = `${status} of the ${speaker}`;
    if (last !== 'sent') row.lose(`${about}: ended with ${JSON.stringify(last)}`);
    if (!between.broke()) row.lose(`${about}: nothing broke`);
    if (between.verbs.includes('POST')) row.lose(`${about}: began anew`);
    const { offsets } = between;
    const isBack = offsets.some((offset, index) => index > 0 && offset < offsets[index - 1]!);
    if (isBack || offsets.slice(1).includes(0)) row.lose(`${about}: went back, ${offsets.join(' ')}`);
    if (!(await readFile(sending.partOf(path))).equals(bytes)) row.lose(`${about}: other bytes`);
  } finally {
    await between.close();
  }
}

function send(url: string, bytes: Buffer): Promise<'sent' | ReportedError | undefined> {
  return new Promise((resolve) => {
    const events = {
      onprogress: () => {},
      onstall: () => {},
      onsent: () => resolve('sent'),
      onfail: resolve,
    };
    const pieces = { bytes: pieceBytes, grow: () => {}, shrink: () => false, takeNews: () => null };
    const headers = { Authorization: 'Bearer sender' };
    new Transmission(bytes as never, url, events, { pieces: pieces as never, headers }).start();
  });
}

/** Passes requests to the hub, but breaks the one with this number and answers the next one itself. */
async function startBetween(port: number, breakAt: number, status: number | null, speaker: 'proxy' | 'hub') {
  const verbs: string[] = [];
  const offsets: number[] = [];
  const server = createServer((request, response) => {
    verbs.push(request.method!);
    if (verbs.length === breakAt) return void request.socket.destroy();
    if (verbs.length === breakAt + 1) return answer(request, response, status, speaker);
    if (request.method === 'PATCH') offsets.push(Number(request.headers['upload-offset']));
    const { method, url: path, headers } = request;
    const onward = httpRequest(
      { host: '127.0.0.1', port, method, path, headers, agent: false },
      (answered) => {
        response.writeHead(answered.statusCode!, answered.headers);
        answered.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    verbs,
    /** Where each body began that reached the hub. */
    offsets,
    broke: () => verbs.length > breakAt,
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  status: number | null,
  speaker: 'proxy' | 'hub',
): void {
  if (status === null) return void request.socket.destroy();
  request.resume();
  if (speaker === 'hub') response.setHeader('Tus-Resumable', '1.0.0');
  response.writeHead(status).end();
}
