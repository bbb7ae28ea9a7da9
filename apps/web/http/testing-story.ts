/**
 * For tests: one delivery through the API that survives every kill of the hub, with a ledger of the changes that the
 * hub acknowledged. Before it repeats an unanswered change, it checks whether the change happened, as a careful program
 * does.
 */
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { DeliveredFileView } from '@turnover/domain/requests/files';
import type { RequestListView } from '@turnover/domain/requests/list';
import type { RequestView } from '@turnover/domain/requests/requests';
import type { UploadView } from '@turnover/domain/workspace/uploads';
import type { RunningHub } from './testing.ts';

/** The hub's answers, in order. */
export type Ledger = {
  requestId: string;
  fileId: string;
  uploadId: string;
  bytes: Buffer;
  offsets: number[];
  /** Pairs of round and status. */
  statuses: string[];
};

type Caller = ReturnType<typeof callerOf>;

const chunkBytes = 512 * 1024;
const pauseMs = 15;
export const firstName = 'take 1.wav';
export const lastName = 'take 2.wav';

/** The connection broke or the hub is unavailable, so the outcome is unknown. */
class NoAnswer extends Error {}

export async function deliverAndAccept(running: RunningHub, name: string): Promise<Ledger> {
  const caller = callerOf(running);
  const requestId = await createRequest(caller, running.projectId, name);
  const bytes = randomBytes(3 * chunkBytes + 12_345);
  const ledger: Ledger = { requestId, fileId: '', uploadId: '', bytes, offsets: [], statuses: [] };
  const { id, uploadUrl } = await beginUpload(caller, running.projectId, ledger);
  ledger.uploadId = id;
  await sendBytes(caller, uploadUrl, ledger);
  ledger.fileId = (await fileThat(caller, ledger, ({ state }) => state === 'stored')).id;

  await move(caller, ledger, 'submit', '1 open');
  await statusIs(caller, ledger, 'processed');
  await move(caller, ledger, 'askForRedelivery', '1 processed', { reasons: ['audio_spec'] });
  await caller.change('requestFiles.rename', { fileId: ledger.fileId, name: lastName }, async () =>
    (await filesOf(caller, ledger)).some((file) => file.name === lastName),
  );
  // The first round keeps the file under its old name; this is the file of the new round.
  ledger.fileId = (await fileThat(caller, ledger, ({ name }) => name === lastName)).id;
  await move(caller, ledger, 'submit', '2 redelivery');
  await statusIs(caller, ledger, 'processed');
  await move(caller, ledger, 'accept', '2 processed');
  return ledger;
}

async function createRequest(caller: Caller, projectId: string, name: string): Promise<string> {
  const find = async () => {
    const { requests } = (await caller.ask('requests.list', { projectId, search: name })) as RequestListView;
    return requests.find((request) => request.name === name);
  };
  await caller.change('requests.create', { projectId, name }, async () => Boolean(await find()));
  return (await find())!.id;
}

async function beginUpload(
  caller: Caller,
  projectId: string,
  { requestId, bytes }: Ledger,
): Promise<UploadView> {
  const find = async () => ((await caller.ask('uploads.list', { requestId })) as UploadView[])[0];
  const checksum = `md5:${createHash('md5').update(bytes).digest('hex')}`;
  const input = { projectId, requestId, filename: firstName, sizeBytes: bytes.length, checksum };
  await caller.change('uploads.begin', input, async () => Boolean(await find()));
  return (await find())!;
}

async function sendBytes(caller: Caller, path: string, ledger: Ledger): Promise<void> {
  const { bytes, offsets } = ledger;
  const note = (offset: number) => {
    offsets.push(offset);
    return offset;
  };
  let offset = note(await caller.askOffset(path));
  while (offset < bytes.length) {
    const sent = await caller.send(path, offset, bytes.subarray(offset, offset + chunkBytes));
    offset = note(sent ?? (await caller.askOffset(path)));
  }
}

async function filesOf(caller: Caller, { requestId }: Ledger): Promise<DeliveredFileView[]> {
  return ((await caller.ask('requestFiles.list', { requestId })) as { files: DeliveredFileView[] }).files;
}

async function fileThat(
  caller: Caller,
  ledger: Ledger,
  holds: (file: DeliveredFileView) => boolean,
): Promise<DeliveredFileView> {
  for (;;) {
    const found = (await filesOf(caller, ledger)).find(holds);
    if (found) return found;
    await wait(pauseMs);
  }
}

/** Performs an action. While the request still has the status `before`, the change has not happened. */
async function move(caller: Caller, ledger: Ledger, action: string, before: string, more: object = {}) {
  const input = { requestId: ledger.requestId, ...more };
  const isDone = async () => (await look(caller, ledger)) !== before;
  const answer = (await caller.change(`requests.${action}`, input, isDone)) as RequestView | undefined;
  if (answer) note(ledger, answer);
}

async function statusIs(caller: Caller, ledger: Ledger, status: string): Promise<void> {
  while (!(await look(caller, ledger)).endsWith(status)) await wait(pauseMs);
}

async function look(caller: Caller, ledger: Ledger): Promise<string> {
  return note(ledger, (await caller.ask('requests.get', { requestId: ledger.requestId })) as RequestView);
}

function note({ statuses }: Ledger, { round, status }: RequestView): string {
  const seen = `${round} ${status}`;
  if (statuses.at(-1) !== seen) statuses.push(seen);
  return seen;
}

function callerOf(running: RunningHub) {
  const authorization = `Bearer ${running.token}`;
  const tus = { authorization, 'tus-resumable': '1.0.0' };

  async function answerOf(path: string, request: RequestInit): Promise<Response> {
    const response = await fetch(running.address + path, request).catch(() => null);
    if (response === null || [409, 423, 503].includes(response.status)) throw new NoAnswer(path);
    return response;
  }

  async function call(path: string, request: RequestInit): Promise<unknown> {
    const response = await answerOf(`/api/trpc/${path}`, {
      ...request,
      headers: { authorization, 'content-type': 'application/json' },
    });
    const body = (await response.json().catch(() => {
      throw new NoAnswer(path);
    })) as { result: { data: unknown }; error?: { message: string } };
    if (!response.ok) throw new Error(`${path}: ${body.error?.message}`);
    return body.result.data;
  }

  async function ask(path: string, input: object): Promise<unknown> {
    const query = `${path}?input=${encodeURIComponent(JSON.stringify(input))}`;
    return untilAnswered(() => call(query, {}));
  }

  return {
    ask,
    /** Returns the hub's answer, or undefined when only a check showed that the change happened. */
    async change(path: string, input: object, isDone: () => Promise<boolean>): Promise<unknown> {
      for (;;) {
        try {
          return await call(path, { method: 'POST', body: JSON.stringify(input) });
        } catch (error) {
          if (!(error instanceof NoAnswer)) throw error;
          if (await isDone()) return undefined;
        }
      }
    },
    async askOffset(path: string): Promise<number> {
      const response = await untilAnswered(() => answerOf(path, { method: 'HEAD', headers: tus }));
      if (response.status !== 200) throw new Error(`HEAD ${path} answered ${response.status}.`);
      return Number(response.headers.get('upload-offset'));
    },
    /** Returns the acknowledged offset, or undefined when there was no answer. */
    async send(path: string, offset: number, chunk: Buffer): Promise<number | undefined> {
      const headers = {
        ...tus,
        'upload-offset': String(offset),
        'content-type': 'application/offset+octet-stream',
      };
      const body = new Uint8Array(chunk);
      const response = await answerOf(path, { method: 'PATCH', headers, body }).catch(() => null);
      if (response === null) return undefined;
      if (response.status !== 204) throw new Error(`PATCH ${path} answered ${response.status}.`);
      return Number(response.headers.get('upload-offset'));
    },
  };
}

async function untilAnswered<Answer>(attempt: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      await wait(pauseMs);
    }
  }
}
