// Measures how long one call blocks everybody else: calls each of the heaviest inputs once through the API and reports the
// longest time in which no other work could run.
import { createHash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { appRouter } from '../packages/api/src/root.ts';
import { t, type ApiContext } from '../packages/api/src/trpc.ts';
import type { PersonContext } from '../packages/core/src/context.ts';
import { insertFile } from '../packages/core/src/entries/tree.ts';
import { addDeliveredFile } from '../packages/core/src/requests/files/files.ts';
import { currentRequest } from '../packages/core/src/requests/transitions.ts';
import { inTransaction } from '../packages/db/src/transaction.ts';
import { assets } from '../packages/db/src/schema/assets.ts';
import { onHub } from './in-process.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const goalMs = 50;
const most = 10_000;
const maxIntoNewFolder = 200;

type Call = (input: unknown) => Promise<unknown>;

export function benchBlocking(): Promise<void> {
  return onHub('coordinator', async (ctx, projectId) => {
    // The benchmark does not measure waiting for the disk.
    ctx.db.$client.pragma('synchronous = OFF');
    const call = callerOf(ctx);
    async function time<Answer>(title: string, work: () => Promise<Answer>): Promise<Answer> {
      await pause();
      const { answer, ms } = await longestTurn(work);
      const words = ms <= goalMs ? 'reached' : 'NOT reached';
      console.log(`  ${title.padEnd(46)} ${ms.toFixed(0).padStart(5)} ms (aim: ${goalMs}) ${words}`);
      return answer;
    }

    const deep = [...Array.from({ length: 249 }, (_, index) => `level ${index}`), 'cut.mov'].join('/');
    await time('an upload into 249 new folders', () =>
      call('uploads.begin', { projectId, filename: 'cut.mov', relativePath: deep, sizeBytes: 10 }),
    );
    const names = Array.from({ length: 500 }, (_, index) => ({
      name: `Reel ${index}`,
      description: 'x'.repeat(2000),
    }));
    const many = (await time('500 requests made', () =>
      call('requests.createMany', { projectId, requests: names }),
    )) as { lines: { requestId: string }[] };
    const requestIds = many.lines.map(({ requestId }) => requestId);
    await time('500 requests assigned', () =>
      call('requests.assignMany', { projectId, requestIds, assignees: [{ userId: ctx.person.id }] }),
    );
    await time('requests listed', () => call('requests.list', { projectId, limit: 200 }));

    const entryIds = fillWorkspace(ctx, projectId, most);
    const selection = { entryIds };
    await time('a page of 10,000 entries', () => call('workspace.list', { projectId, limit: 200 }));
    await time('10,000 entries searched', () => call('workspace.find', { projectId, text: 'shot' }));
    const folder = (await call('workspace.createFolder', { projectId, name: 'Target' })) as { id: string };
    const move = { projectId, selection, folderId: folder.id };
    await time('a move of 10,000 foreseen', () => call('workspace.previewMove', move));
    const moved = (await time('10,000 entries moved', () => call('workspace.move', move))) as {
      undo: unknown[];
    };
    await time('and moved back', () => call('workspace.undoMove', { projectId, moves: moved.undo }));
    const some = { entryIds: entryIds.slice(0, maxIntoNewFolder) };
    await time('200 entries put into a new folder', () =>
      call('workspace.createFolder', { projectId, name: 'Some of them', selection: some }),
    );
    const shared = {
      projectId,
      entryIds: entryIds.slice(0, 5),
      people: await colleagues(ctx, projectId, 100),
    };
    await time('5 entries shared with 100 people', () => call('shares.create', shared));
    const [one, ...others] = entryIds.slice(5, 506);
    await time('500 entries shared with one person', () =>
      call('shares.create', { projectId, entryIds: others, people: shared.people.slice(0, 1) }),
    );
    await time('an entry shared with 100 people', () =>
      call('shares.create', { projectId, entryIds: [one], people: shared.people }),
    );
    await time('who has access, explained', () => call('shares.explain', { entryId: entryIds[0] }));
    await time('shares of an entry', () => call('shares.list', { entryId: entryIds[0] }));
    const later = Date.now() + 1e9;
    await time('sharing them again, until another day', () =>
      call('shares.create', { ...shared, expiresAt: later }),
    );
    await time('10,000 entries delivered', () =>
      call('requestFiles.addFromWorkspace', { requestId: requestIds[0], selection }),
    );
    await time('10,000 files listed', () => call('requestFiles.list', { requestId: requestIds[0] }));
    await time('10,000 entries deleted', () => call('workspace.removeMany', { projectId, selection }));
    await time('and restored', () => call('workspace.restoreMany', { projectId, entryIds }));

    const files = Array.from({ length: 5000 }, (_, index) => ({
      path: `Reel/shot.${index}.exr`,
      sizeBytes: 1000,
    }));
    await time('5,000 files asked about before they come', () =>
      call('requests.preFlight', { requestId: requestIds[1], files }),
    );
    deliver(ctx, requestIds[2]!, most);
    await time('10,000 files checked', () => call('requests.checks', { requestId: requestIds[2] }));
    await time('and submitted', () => call('requests.submit', { requestId: requestIds[2] }));
    redeliver(ctx, requestIds[2]!);
    await time('two rounds compared', () =>
      call('rounds.compare', { requestId: requestIds[2], from: 1, to: 2 }),
    );
    await time('checksum lists', () => call('manifests.list', { requestId: requestIds[2] }));
    await time('what the lists say of 10,000 files', () =>
      call('manifests.entries', { requestId: requestIds[2], limit: 100 }),
    );
    deliver(ctx, requestIds[3]!, most);
    await time('9,999 files removed', () =>
      call('requestFiles.remove', { requestId: requestIds[3], selection: { allExcept: [] } }),
    );
    await time('the trash listed', () => call('workspace.listTrash', { projectId, limit: 100 }));
    await time('all of a history', () => call('activity.list', { projectId, limit: 100 }));
  });
}

function callerOf(ctx: PersonContext) {
  const api: ApiContext = {
    hub: ctx,
    person: ctx.person,
    stillSignedIn: async () => true,
    onCommit: () => () => undefined,
  };
  const caller = t.createCallerFactory(appRouter)(api) as unknown as Record<string, Record<string, Call>>;
  return (path: string, input: unknown): Promise<unknown> => {
    const [noun = '', verb = ''] = path.split('.');
    return caller[noun]![verb]!(input);
  };
}

/** Returns the most processor time that one turn of the event loop took during `work`. Other processes do not count. */
async function longestTurn<Answer>(work: () => Promise<Answer>): Promise<{ answer: Answer; ms: number }> {
  let ms = 0;
  let last = process.threadCpuUsage();
  let isOver = false;
  const look = () => {
    const { user, system } = process.threadCpuUsage(last);
    ms = Math.max(ms, (user + system) / 1000);
    last = process.threadCpuUsage();
    if (!isOver) setImmediate(look);
  };
  setImmediate(look);
  const answer = await work();
  look();
  isOver = true;
  return { answer, ms };
}

/** Collects the garbage of the preparation before the measurement. */
async function pause(): Promise<void> {
  collectGarbage();
  await new Promise((resolve) => setTimeout(resolve, 50));
}

function fillWorkspace(ctx: PersonContext, projectId: string, count: number): string[] {
  const place = { projectId, ownerId: ctx.person.id, folderId: null };
  return inTransaction(ctx.db, (tx) =>
    Array.from({ length: count }, (_, index) => {
      const assetId = insertAsset(ctx, tx);
      const file = { name: `shot ${index}.mov`, assetId, sizeBytes: 100, state: 'stored' } as const;
      return insertFile(tx, ctx, place, file, { by: ctx.person.id });
    }),
  );
}

function deliver(ctx: PersonContext, requestId: string, count: number): void {
  inTransaction(ctx.db, (tx) => {
    const request = currentRequest(tx, requestId);
    for (let index = 0; index < count; index++) {
      const file = { path: `Reel/mix ${index}.wav`, assetId: insertAsset(ctx, tx), sizeBytes: 100 };
      addDeliveredFile(tx, ctx, { request, ...file, deliveredBy: ctx.person.id, replace: false });
    }
  });
}

/** Starts a second round in which half of the files are new and the other half is removed. */
function redeliver({ db }: PersonContext, requestId: string): void {
  const ofRequest = `where request_id = '${requestId}'`;
  db.$client.exec(`
    update requests set round = 2 where id = '${requestId}';
    update delivered_files set added_round = 2 ${ofRequest} and rowid % 2 = 0;
    update delivered_files set removed_at = 1, removed_round = 2, removal = 'removed' ${ofRequest} and rowid % 2 = 1`);
}

function insertAsset(ctx: PersonContext, tx: Parameters<Parameters<typeof inTransaction>[1]>[0]): string {
  const id = ctx.newId('asset');
  tx.insert(assets).values({ id, sizeBytes: 100, state: 'stored', createdAt: ctx.clock() }).run();
  return id;
}

async function colleagues(ctx: PersonContext, projectId: string, count: number): Promise<string[]> {
  const add = ctx.db.$client.prepare(
    `insert into users (id, email, name, is_owner, created_at) values (?, ?, ?, 0, ?)`,
  );
  const join = ctx.db.$client.prepare(
    `insert into memberships (id, project_id, user_id, role, created_at) values (?, ?, ?, 'partner', ?)`,
  );
  return Array.from({ length: count }, (_, index) => {
    const id = ctx.newId('user');
    const email = `${createHash('md5').update(String(index)).digest('hex')}@example.com`;
    add.run(id, email, `Colleague ${index}`, ctx.clock());
    join.run(ctx.newId('membership'), projectId, id, ctx.clock());
    return email;
  });
}
