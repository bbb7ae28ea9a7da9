/** A worker for tests, on a test hub whose clock moves only when the test moves it. */
import type { Context } from '@turnover/core/context';
import { nextDueAt } from '@turnover/core/jobs';
import type { TestHub } from '@turnover/core/testing/hub';
import type { SampleFile } from '@turnover/core/testing/sample-delivery';
import { hashStep } from '@turnover/processing/hash';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkerTools } from '../handlers/handler.ts';
import type { MailTools } from '../mail/tools.ts';
import type { Pool } from '../pool.ts';
import { createRunner } from '../runner.ts';

export const simulationSpeed = 1;

const noMail: MailTools = { send: null, publicUrl: 'http://hub.example.test' };

export function toolsOf(ctx: Context, pool: Pool, mail = noMail): WorkerTools {
  return { ctx, pool, simulationSpeed, mail, random: () => 0.5 };
}

export function runnerOf(ctx: Context, pool: Pool) {
  return createRunner(toolsOf(ctx, pool));
}

/** Advances the clock to the next due job and runs it, until no job is left. */
export async function runToTheEnd(hub: TestHub, pool: Pool): Promise<void> {
  const runner = runnerOf(hub.ctx, pool);
  await runner.runUntilIdle();
  for (let dueAt = nextDueAt(hub.db); dueAt !== null; dueAt = nextDueAt(hub.db)) {
    hub.clock.now = Math.max(hub.clock.now, dueAt);
    await runner.runUntilIdle();
  }
  await runner.stop();
}

export async function sampleFile(
  path: string,
  content: string,
  more: Partial<SampleFile> = {},
): Promise<SampleFile> {
  const bytes = Buffer.from(content);
  return { path, bytes, xxh128: await xxh128Of(bytes), ...more };
}

export function md5Of(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex');
}

export async function xxh128Of(bytes: Buffer): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'turnover-worker-'));
  const path = join(folder, 'bytes');
  writeFileSync(path, bytes);
  const step = { path, from: 0, to: bytes.length, algorithms: ['xxh128'] as const, states: null };
  const { values } = await hashStep(step);
  rmSync(folder, { recursive: true });
  return values.xxh128!;
}
