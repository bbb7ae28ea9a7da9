import { and, asc, eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stageRuns } from '@turnover/db/schema/jobs';
import { requests, rounds } from '@turnover/db/schema/requests';
import { inTransaction } from '@turnover/db/transaction';
import { requestRulesSchema, type RequestRules } from '@turnover/domain/rules/request-types';
import type { DeliveryRequest } from '../../access.ts';
import { claim, enqueue } from '../../jobs.ts';
import { requestScene, type RequestScene } from '../../testing/requests.ts';
import { currentRequest } from '../transitions.ts';
import { createRequestType, updateRequestType } from '../types.ts';
import { loadRuns } from '../receipts/receipt-files.ts';
import { storeResult } from './inspection.ts';
import { startRound, type RoundJob } from './rounds.ts';

let scene: RequestScene;
beforeEach(async () => {
  scene = await requestScene();
});
afterEach(() => scene.close());

const outside = {
  names: ['x-studio.loudness', 'x-studio.virus'],
  choose: (files: readonly unknown[]) =>
    Promise.resolve(files.map(() => ['x-studio.loudness', 'x-studio.virus'])),
};

function typeWithout(leftOutStages: string[], media = {}, informingStages: string[] = []) {
  return createRequestType(scene.hub.as(scene.people.coordinator), {
    projectId: scene.project.id,
    name: 'Mixes',
    description: '',
    rules: requestRulesSchema.parse({ leftOutStages, informingStages, media }),
  });
}

async function start({ id: requestId, round }: DeliveryRequest): Promise<void> {
  const { ctx, db } = scene.hub;
  inTransaction(db, (tx) => enqueue(tx, ctx, 'processRound', { requestId, round }));
  await startRound(ctx, claim(ctx, ['processRound']) as RoundJob, outside);
}

function stagesOf(fileId: string): string[] {
  const rows = scene.hub.db
    .select()
    .from(stageRuns)
    .where(eq(stageRuns.fileId, fileId))
    .orderBy(asc(stageRuns.position))
    .all();
  return rows.map(({ stage }) => stage);
}

const stagesOfRound = (number: number) =>
  scene.hub.db.select().from(rounds).where(eq(rounds.number, number)).get()?.stages;

test('a round runs the stages that the version of its type asks for', async () => {
  const asked = { sampleRates: ['48 kHz'] };
  const type = typeWithout(['encode', 'preview', 'x-studio.loudness'], asked, ['signal']);
  const request = scene.createRequest({ typeId: type.id, typeVersion: 1 });
  const fileId = scene.deliver(request, 'mix.wav');
  // Requests keep the type version that they were created with.
  updateRequestType(
    scene.hub.as(scene.people.coordinator),
    { id: type.id },
    { version: 1, rules: { ...type.rules, leftOutStages: [], informingStages: [] } },
  );
  scene.submitRound(request);
  await start(request);
  expect(stagesOf(fileId)).toEqual(['checksum', 'inspect', 'rules', 'signal', 'x-studio.virus']);
  expect(stagesOfRound(1)).toEqual({
    asked: ['checksum', 'inspect', 'rules', 'signal', 'text', 'package', 'x-studio.virus'],
    leftOut: ['preview', 'encode', 'x-studio.loudness'],
    informing: ['signal'],
    type: { id: type.id, version: 1 },
  });
});

test('a request without a type runs every stage', async () => {
  const request = scene.createRequest();
  const fileId = scene.deliver(request, 'mix.wav');
  scene.submitRound(request);
  await start(request);
  expect(stagesOf(fileId)).toEqual(['checksum', 'inspect', 'signal', 'preview', 'encode', ...outside.names]);
  expect(stagesOfRound(1)?.leftOut).toEqual([]);
});

test('runs stages that the new type version no longer leaves out, also for files that stay', async () => {
  const type = typeWithout(['preview', 'encode']);
  const request = scene.createRequest({ typeId: type.id, typeVersion: 1 });
  const fileId = scene.deliver(request, 'mix.wav');
  scene.submitRound(request);
  await start(request);
  scene.hub.db.update(stageRuns).set({ status: 'done' }).run();
  scene.openNextRound(request);
  updateRequestType(
    scene.hub.as(scene.people.coordinator),
    { id: type.id },
    { version: 1, rules: { ...type.rules, leftOutStages: ['encode'] } },
  );
  scene.hub.db.update(requests).set({ typeVersion: 2 }).run();
  const moved = currentRequest(scene.hub.db, request.id);
  scene.submitRound(moved);
  await start(moved);
  expect(stagesOf(fileId)).toContain('preview');
  expect(stagesOf(fileId)).not.toContain('encode');
  expect(stagesOfRound(1)?.leftOut).toEqual(['preview', 'encode']);
  expect(stagesOfRound(2)?.leftOut).toEqual(['encode']);
});

describe('a file that stays in the next round', () => {
  let request: DeliveryRequest;
  let typeId: string;
  let fileId: string;
  const media = { sampleRates: ['48 kHz'] };

  beforeEach(async () => {
    typeId = typeWithout(['encode'], media, ['signal']).id;
    request = scene.createRequest({ typeId, typeVersion: 1 });
    fileId = scene.deliver(request, 'mix.wav');
    scene.submitRound(request);
    await start(request);
    scene.hub.db.update(stageRuns).set({ status: 'done' }).run();
  });

  /** Returns the stages of the file that the next round runs, after this change of its type. */
  async function nextRound(changed: Partial<RequestRules> | null): Promise<string[]> {
    const { db } = scene.hub;
    scene.openNextRound(request);
    if (changed) {
      const rules = requestRulesSchema.parse({
        leftOutStages: ['encode'],
        informingStages: ['signal'],
        media,
      });
      updateRequestType(
        scene.hub.as(scene.people.coordinator),
        { id: typeId },
        { version: 1, rules: { ...rules, ...changed } },
      );
      db.update(requests).set({ typeVersion: 2 }).run();
    }
    const moved = currentRequest(db, request.id);
    scene.submitRound(moved);
    await start(moved);
    const ofRound = and(eq(stageRuns.fileId, fileId), eq(stageRuns.round, moved.round));
    const rows = db.select().from(stageRuns).where(ofRound).orderBy(asc(stageRuns.position)).all();
    return rows.map(({ stage }) => stage);
  }

  const other = (rules: object): RequestRules => requestRulesSchema.parse(rules);
  const end = (stage: string, set: Partial<typeof stageRuns.$inferInsert>) =>
    scene.hub.db.update(stageRuns).set(set).where(eq(stageRuns.stage, stage)).run();

  test('is not looked at again under the same type', async () => {
    expect(await nextRound(null)).toEqual([]);
    expect(await nextRound({ strictNames: true })).toEqual([]);
  });

  test('is judged again by what the new version of the type says otherwise', async () => {
    expect(
      await nextRound({ signalLimits: other({ signalLimits: { truePeakDbtp: -2 } }).signalLimits }),
    ).toEqual(['signal']);
    // The third round keeps the version of the second.
    scene.hub.db.update(stageRuns).set({ status: 'done' }).run();
    expect(await nextRound(null)).toEqual([]);
  });

  test('is compared again with other wishes about the media', async () => {
    expect(await nextRound({ media: other({ media: { sampleRates: ['96 kHz'] } }).media })).toEqual([
      'rules',
    ]);
  });

  test('loses the verdict on wishes that the type no longer has', async () => {
    expect(await nextRound({ media: other({}).media })).toEqual([]);
    expect(stagesOf(fileId)).not.toContain('rules');
  });

  test('is judged again when the request has no type any more', async () => {
    scene.hub.db.update(requests).set({ typeId: null, typeVersion: null }).run();
    end('signal', { status: 'skipped' });
    expect(await nextRound(null)).toEqual(['encode']);
    expect(stagesOf(fileId)).not.toContain('rules');
  });

  test('keeps the results of a round that does not state its type', async () => {
    scene.hub.db
      .update(rounds)
      .set({ stages: { asked: [], leftOut: [] } })
      .run();
    expect(await nextRound({ media: other({ media: { sampleRates: ['96 kHz'] } }).media })).toEqual([]);
  });

  test('keeps a failure that only informed, and repeats it once it would hold the file', async () => {
    end('signal', { status: 'failed', failure: 'crashed', informs: true });
    expect(await nextRound(null)).toEqual([]);
    expect(stagesOf(fileId)).toContain('signal');
    expect(await nextRound({ informingStages: [] })).toEqual(['signal']);
  });

  test('keeps what was found before in the papers of the round before', async () => {
    const { db } = scene.hub;
    const judged = db.select().from(stageRuns).where(eq(stageRuns.stage, 'signal')).get()!;
    const problems = [
      { code: 'clipping', fromMs: 5 },
      { code: 'silent_file', track: 1 },
    ] as const;
    inTransaction(db, (tx) => storeResult(tx, judged.id, { facts: {}, problems, problemCount: 2 }));
    db.update(stageRuns).set({ problemCount: 2 }).where(eq(stageRuns.id, judged.id)).run();
    const papersOf = (round: number) => {
      const { runsOf, problemsOf } = loadRuns(db, [fileId], round);
      return runsOf.get(fileId)!.map(({ id, stage, mode, status, facts, problemCount }) => ({
        ...{ id, stage, mode, status, facts, problemCount },
        problems: problemsOf.get(id)?.map(({ code, severity, details }) => ({ code, severity, details })),
      }));
    };
    const before = papersOf(1);
    expect(before.flatMap(({ problems: found }) => found?.map(({ code }) => code) ?? [])).toEqual([
      'clipping',
      'silent_file',
    ]);
    await nextRound({ signalLimits: other({ signalLimits: { truePeakDbtp: -2 } }).signalLimits });
    expect(papersOf(1)).toEqual(before);
    expect(papersOf(2)).not.toContainEqual(expect.objectContaining({ id: judged.id }));
    expect(papersOf(2)).toContainEqual(expect.objectContaining({ stage: 'signal', status: 'waiting' }));
  });

  test('is judged anew after it is inspected anew', async () => {
    end('inspect', { status: 'failed', failure: 'crashed' });
    expect(await nextRound(null)).toEqual(['inspect', 'rules', 'signal', 'preview']);
  });
});
