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
  const { ctx, db } = scene.hub;
  inTransaction(db, (tx) => enqueue(tx, ctx, 'processRound', { requestId: request.id, round: 1 }));
  await startRound(ctx, claim(ctx, ['processRound']) as RoundJob);
});
afterEach(() => scene.close());

const lead = () => scene.hub.as(scene.people.coordinator);
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
