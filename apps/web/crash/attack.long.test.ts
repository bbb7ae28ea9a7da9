/**
 * Fifty hostile people hold all they can: space, upload places, connections, streams, bodies and answers. Another person's pages,
 * changes and uploads keep their speed, and the hub recovers afterwards.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { createToken } from '@turnover/core/people/tokens';
import type { AttackOrder, AttackReport } from './testing-attack.ts';
import { startHub, type RunningHub } from '../http/testing.ts';

const hostile = 50;
const attackMs = 60_000;
const rounds = 9;
const maxRatio = 3;
const uploadBytes = 8 * 1024 * 1024;

let running: RunningHub | undefined;
let attacker: ChildProcess | undefined;

afterEach(async () => {
  attacker?.kill('SIGKILL');
  await running?.close();
});

test('fifty hostile people do not slow down another person', { timeout: 240_000 }, async () => {
  running = await startHub({ env: { TURNOVER_PERSON_RESERVE: '75%', TURNOVER_PROJECT_RESERVE: '90%' } });
  const { hub, projectId, address, token } = running;
  const tokens = Array.from({ length: hostile }, () => {
    const person = hub.createPerson({ project: { id: projectId }, role: 'partner' });
    return createToken(hub.as(person), { name: 'Hostile' }).token;
  });
  const acts = actsOf(address, projectId, token);
  await measure(acts);
  const idle = await measure(acts);

  attacker = spawn(process.execPath, [fileURLToPath(new URL('testing-attack.ts', import.meta.url))], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let report: AttackReport = { declared: 0, refused: 0, open: 0, closed: 0 };
  attacker.on('message', (message: AttackReport) => (report = message));
  const order: AttackOrder = { port: Number(new URL(address).port), projectId, tokens, ms: attackMs };
  attacker.send(order);
  await everythingHeld(() => report.open);
  const under = await measure(acts);
  // The attack was running the whole time.
  expect(attacker.exitCode).toBeNull();
  console.log(`  held meanwhile: ${JSON.stringify(report)}`);

  const ratios = Object.fromEntries(
    Object.entries(idle).map(([act, ms]) => [act, under[act as keyof typeof under] / ms]),
  );
  for (const [act, ratio] of Object.entries(ratios)) {
    const [before, then] = [idle, under].map((times) => times[act as keyof typeof times].toFixed(1));
    console.log(
      `  ${act.padEnd(8)} idle ${before} ms, under attack ${then} ms: ${ratio.toFixed(2)} (at most ${maxRatio})`,
    );
  }
  expect(report.refused).toBeGreaterThan(0);
  for (const ratio of Object.values(ratios)) expect(ratio).toBeLessThanOrEqual(maxRatio);
  expect((await fetch(`${address}/healthz`)).status).toBe(200);
});

/** Resolves after three seconds without a new connection: by then the attackers hold everything they can get. */
async function everythingHeld(open: () => number): Promise<void> {
  let before = 0;
  await expect
    .poll(
      () => {
        const isSteady = open() > 1000 && Math.abs(open() - before) < 20;
        before = open();
        return isSteady;
      },
      { timeout: 40_000, interval: 3000 },
    )
    .toBe(true);
}

type Acts = Record<'page' | 'change' | 'upload', () => Promise<void>>;

function actsOf(address: string, projectId: string, token: string): Acts {
  const authorization = `Bearer ${token}`;
  const bytes = randomBytes(uploadBytes);
  async function call(path: string, input: object): Promise<{ uploadUrl: string }> {
    const headers = { authorization, 'content-type': 'application/json' };
    const request = { method: 'POST', headers, body: JSON.stringify(input) };
    const response = await fetch(`${address}/api/trpc/${path}`, request);
    expect(response.status, path).toBe(200);
    return ((await response.json()) as { result: { data: { uploadUrl: string } } }).result.data;
  }
  return {
    async page() {
      const response = await fetch(`${address}/p/${projectId}/deliveries`, { headers: { authorization } });
      expect(response.status).toBe(200);
      await response.text();
    },
    async change() {
      await call('requests.create', { projectId, name: `Request ${randomUUID()}` });
    },
    async upload() {
      const file = { projectId, filename: `${randomUUID()}.mov`, sizeBytes: uploadBytes };
      const { uploadUrl } = await call('uploads.begin', file);
      const headers = {
        authorization,
        'tus-resumable': '1.0.0',
        'upload-offset': '0',
        'content-type': 'application/offset+octet-stream',
      };
      const answer = await fetch(address + uploadUrl, { method: 'PATCH', headers, body: bytes });
      expect(answer.status).toBe(204);
    },
  };
}

/** Returns the median time of each action. The actions run one after another. */
async function measure(acts: Acts): Promise<Record<keyof Acts, number>> {
  const times: Record<keyof Acts, number[]> = { page: [], change: [], upload: [] };
  for (let round = 0; round < rounds; round++) {
    for (const act of ['page', 'change', 'upload'] as const) {
      const began = performance.now();
      await acts[act]();
      times[act].push(performance.now() - began);
    }
  }
  const median = (all: number[]) => all.sort((one, other) => one - other)[Math.floor(rounds / 2)]!;
  return { page: median(times.page), change: median(times.change), upload: median(times.upload) };
}
