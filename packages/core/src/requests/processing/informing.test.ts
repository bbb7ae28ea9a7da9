import { and, asc, eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stageRuns } from '@turnover/db/schema/jobs';
import { rounds } from '@turnover/db/schema/requests';
import { requestRulesSchema } from '@turnover/domain/rules/request-types';
import { inTransaction } from '@turnover/db/transaction';
import type { DeliveryRequest } from '../../access.ts';
import { claim, enqueue } from '../../jobs.ts';
import { refusalOf, requestScene, type RequestScene } from '../../testing/requests.ts';
import { currentRequest } from '../transitions.ts';
import { createRequestType } from '../types.ts';
import { cancelStage, retryStage, skipStage } from './control.ts';
import { skipStages, treatableStages } from './control-many.ts';
import { loadRuns } from '../receipts/receipt-files.ts';
import { viewInspection } from './inspection.ts';
import { startRound, type RoundJob } from './rounds.ts';
import { beginStage, failStage, finishStage, giveUpStage, type StageJob } from './stages.ts';

let scene: RequestScene;
let request: DeliveryRequest;
let fileId: string;

/** A submitted sound file in which failures of `inspect` and `signal` are only informative. */
beforeEach(async () => {
  scene = await requestScene();
  const type = createRequestType(lead(), {
    projectId: scene.project.id,
    name: 'Mixes',
    description: '',
    rules: requestRulesSchema.parse({
      leftOutStages: ['preview', 'encode'],
      informingStages: ['inspect', 'signal'],
    }),
  });
  request = scene.createRequest({ typeId: type.id, typeVersion: 1 });
  fileId = scene.deliver(request, 'mix.wav');
  scene.submitRound(request);
  await processRound(1);
});
afterEach(() => scene.close());

const lead = () => scene.hub.as(scene.people.coordinator);
const now = () => currentRequest(scene.hub.db, request.id);

async function processRound(number: number): Promise<void> {
  const { ctx, db } = scene.hub;
  if (number > 1) scene.submitRound(request);
  inTransaction(db, (tx) => enqueue(tx, ctx, 'processRound', { requestId: request.id, round: number }));
  await startRound(ctx, claim(ctx, ['processRound']) as RoundJob);
}

const next = () => claim(scene.hub.ctx, ['runStage']) as StageJob;
const runs = () =>
  scene.hub.db
    .select()
    .from(stageRuns)
    .where(eq(stageRuns.fileId, fileId))
    .orderBy(asc(stageRuns.position))
    .all()
    .map(({ stage, status, informs }) => [stage, informs ? 'informs' : status]);
const round = () =>
  scene.hub.db
    .select()
    .from(rounds)
    .where(and(eq(rounds.requestId, request.id), eq(rounds.number, 1)))
    .get()!;
const status = () => currentRequest(scene.hub.db, request.id).status;

/** Ends the stage that is next. */
function end(how: 'pass' | 'fail'): void {
  const { ctx } = scene.hub;
  const job = next();
  const work = beginStage(ctx, job)!;
  if (how === 'fail') failStage(ctx, job, work, 'crashed', {});
  else finishStage(ctx, job, work, { facts: {}, problems: [], problemCount: 0 });
}

describe('a failure of an informative stage', () => {
  test('does not stop the later stages, and the file counts as passed', () => {
    end('pass');
    end('fail');
    expect(runs()).toEqual([
      ['checksum', 'done'],
      ['inspect', 'informs'],
      ['signal', 'waiting'],
    ]);
    expect(round()).toMatchObject({ filesProcessed: 0, filesFailed: 0 });
    end('pass');
    expect(round()).toMatchObject({ filesToProcess: 1, filesProcessed: 1, filesFailed: 0 });
    expect(status()).toBe('processed');
  });

  test('ends the round when it is the last stage, and is listed as a warning', () => {
    end('pass');
    end('pass');
    end('fail');
    expect(status()).toBe('processed');
    expect(round()).toMatchObject({ filesProcessed: 1, filesFailed: 0 });
    expect(viewInspection(lead(), fileId).problems).toMatchObject([
      { stage: 'signal', code: 'crashed', severity: 'warning' },
    ]);
  });

  test('has the same effect when its job is given up', () => {
    end('pass');
    const { ctx, db } = scene.hub;
    const job = next();
    beginStage(ctx, job);
    inTransaction(db, (tx) => giveUpStage(tx, ctx, job, 'took_too_long'));
    expect(runs()[1]).toEqual(['inspect', 'informs']);
    end('pass');
    expect(status()).toBe('processed');
  });

  test('can be retried after the file has ended, and is counted once', async () => {
    end('pass');
    end('fail');
    const refused = await refusalOf(() => retryStage(lead(), { file: { id: fileId }, stage: 'inspect' }));
    expect(refused.code).toBe('stage_forbids');
    end('fail');
    expect(status()).toBe('processed');
    retryStage(lead(), { file: { id: fileId }, stage: 'inspect' });
    expect(status()).toBe('processing');
    expect(round()).toMatchObject({ filesProcessed: 0, filesFailed: 0 });
    end('pass');
    expect(runs().slice(1)).toEqual([
      ['inspect', 'done'],
      ['signal', 'informs'],
    ]);
    expect(round()).toMatchObject({ filesProcessed: 1, filesFailed: 0 });
    expect(status()).toBe('processed');
  });

  test('can be skipped while the file continues, which changes no counter', () => {
    end('pass');
    end('fail');
    skipStage(lead(), { file: { id: fileId }, stage: 'inspect' }, 'Seen by eye');
    expect(runs()[1]).toEqual(['inspect', 'skipped']);
    end('pass');
    expect(round()).toMatchObject({ filesProcessed: 1, filesFailed: 0 });
  });
});

describe('an informative failure that the next round kept', () => {
  /** Round 2, with the file of round 1 and a new one. */
  async function openRoundTwo(): Promise<void> {
    end('pass');
    end('pass');
    end('fail');
    scene.openNextRound(request);
    scene.deliver(request, 'other.wav');
    await processRound(2);
    for (let stage = 0; stage < 3; stage++) end('pass');
  }
  const roundTwo = () => scene.hub.db.select().from(rounds).where(eq(rounds.number, 2)).get()!;
  const papers = (number: number) =>
    loadRuns(scene.hub.db, [fileId], number)
      .runsOf.get(fileId)!
      .map(({ stage, status: is }) => `${stage} ${is}`);

  test('can be retried there, and the earlier round keeps its result', async () => {
    await openRoundTwo();
    expect(roundTwo()).toMatchObject({ filesToProcess: 1, filesProcessed: 1 });
    retryStage(lead(), { file: { id: fileId }, stage: 'signal' });
    expect(status()).toBe('processing');
    expect(roundTwo()).toMatchObject({ filesToProcess: 2, filesProcessed: 1 });
    end('pass');
    expect(runs()[2]).toEqual(['signal', 'done']);
    expect(roundTwo()).toMatchObject({ filesToProcess: 2, filesProcessed: 2, filesFailed: 0 });
    expect(status()).toBe('processed');
    expect(papers(1)).toEqual(['checksum done', 'inspect done', 'signal failed']);
    expect(papers(2)).toEqual(['checksum done', 'inspect done', 'signal done']);
  });

  test('can be skipped there, alone or with others', async () => {
    await openRoundTwo();
    const selection = { fileIds: [fileId] };
    const found = await treatableStages(lead(), now(), selection);
    expect(found).toMatchObject([{ stage: 'signal', retry: 1, skip: 1 }]);
    await skipStages(lead(), now(), { selection, stage: 'signal', reason: 'Heard' });
    expect(status()).toBe('processed');
    expect(roundTwo()).toMatchObject({ filesToProcess: 2, filesProcessed: 2, filesFailed: 0 });
    expect(papers(1).at(-1)).toBe('signal failed');
    expect(papers(2).at(-1)).toBe('signal skipped');
  });

  test('waits until the stages of the round exist', async () => {
    await openRoundTwo();
    scene.hub.db.update(rounds).set({ filesToProcess: null }).where(eq(rounds.number, 2)).run();
    const refused = await refusalOf(() => retryStage(lead(), { file: { id: fileId }, stage: 'signal' }));
    expect(refused.code).toBe('stage_forbids');
  });
});

test('a failure of a blocking stage removes the later stages, even after an informative one', () => {
  scene.hub.db
    .update(rounds)
    .set({ stages: { ...round().stages!, informing: ['signal'] } })
    .run();
  end('pass');
  end('fail');
  expect(runs()).toEqual([
    ['checksum', 'done'],
    ['inspect', 'failed'],
  ]);
  expect(round()).toMatchObject({ filesProcessed: 1, filesFailed: 1 });
  retryStage(lead(), { file: { id: fileId }, stage: 'inspect' });
  expect(round()).toMatchObject({ filesProcessed: 0, filesFailed: 0 });
  end('pass');
  end('fail');
  expect(round()).toMatchObject({ filesProcessed: 1, filesFailed: 0 });
});

test('a cancelled stage blocks the file, although it is informative', () => {
  end('pass');
  cancelStage(lead(), { file: { id: fileId }, stage: 'inspect' });
  expect(runs()).toEqual([
    ['checksum', 'done'],
    ['inspect', 'failed'],
  ]);
  expect(round()).toMatchObject({ filesProcessed: 1, filesFailed: 1 });
});

test('all stages are blocking in a round from before types could choose', () => {
  scene.hub.db
    .update(rounds)
    .set({ stages: { asked: ['checksum', 'inspect', 'signal'], leftOut: [] } })
    .run();
  end('pass');
  end('fail');
  expect(round()).toMatchObject({ filesFailed: 1 });
});
