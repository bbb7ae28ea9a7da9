// `/healthz`: 200 when web, database and worker are well, 503 and which of them is not.
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Context } from '@turnover/core/context';

type Verdict = 'ok' | 'down';
export type Health = { status: Verdict; web: Verdict; database: Verdict; worker: Verdict };

/** The worker writes every five seconds. */
const silentAfterMs = 30_000;

export async function readHealth(ctx: Context, dataFolder: string): Promise<Health> {
  const database = readDatabase(ctx);
  const worker = await readWorker(ctx, dataFolder);
  const status = database === 'ok' && worker === 'ok' ? 'ok' : 'down';
  return { status, web: 'ok', database, worker };
}

export async function answerHealth(
  ctx: Context,
  dataFolder: string,
  response: ServerResponse,
): Promise<void> {
  const health = await readHealth(ctx, dataFolder);
  response
    .writeHead(health.status === 'ok' ? 200 : 503, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
    })
    .end(`${JSON.stringify(health)}\n`);
}

function readDatabase(ctx: Context): Verdict {
  try {
    ctx.db.$client.prepare('select count(*) from sqlite_schema').get();
    return 'ok';
  } catch (error) {
    ctx.log('error', 'health.databaseFailed', { message: (error as Error).message });
    return 'down';
  }
}

async function readWorker(ctx: Context, dataFolder: string): Promise<Verdict> {
  try {
    const { at } = JSON.parse(await readFile(join(dataFolder, 'worker.json'), 'utf8')) as { at: number };
    return Math.abs(ctx.clock() - at) <= silentAfterMs ? 'ok' : 'down';
  } catch {
    // No worker ran on this folder yet.
    return 'down';
  }
}
