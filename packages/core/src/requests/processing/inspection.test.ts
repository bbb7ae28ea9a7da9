import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inTransaction } from '@turnover/db/transaction';
import { mediaProblems, mediaReports, stageRuns } from '@turnover/db/schema/jobs';
import type { MediaProblem } from '@turnover/domain/media/media-problems';
import type { DeliveryRequest } from '../../access.ts';
import { refusalOf, requestScene, type RequestScene } from '../../testing/requests.ts';
import { listProblems, storeResult, viewInspection } from './inspection.ts';

let scene: RequestScene;
let request: DeliveryRequest;

beforeEach(async () => {
  scene = await requestScene();
  request = scene.createRequest();
});

afterEach(() => scene.close());

type Ran = Partial<typeof stageRuns.$inferInsert> & { problems?: MediaProblem[]; problemCount?: number };

/** Adds a stage run of the file with this result. */
function ran(fileId: string, stage: string, { problems = [], ...more }: Ran = {}): string {
  const { hub } = scene;
  const id = hub.ctx.newId('stageRun');
  const problemCount = more.problemCount ?? problems.length;
  hub.db
    .insert(stageRuns)
    .values({
      id,
      requestId: request.id,
      fileId,
      round: 1,
      position: ['inspect', 'rules'].indexOf(stage),
      stage,
      mode: 'real',
      status: 'done',
      facts: {},
      createdAt: hub.clock.now,
      ...more,
      problemCount,
    })
    .run();
  const report = { reader: 'test', container: 'WAVE', tracks: [], details: {} };
  const result = { facts: {}, problems, problemCount };
  inTransaction(hub.db, (tx) => storeResult(tx, id, stage === 'inspect' ? { ...result, report } : result));
  return id;
}

const seenBy = (role: keyof RequestScene['people'], round: number | null = null) =>
  listProblems(scene.hub.as(scene.people[role]), request, round);

describe('the problems of a request', () => {
  test('are empty before anything ran, and for files without a problem', () => {
    expect(seenBy('coordinator')).toEqual({ problems: [], total: 0, files: 0 });
    ran(scene.deliver(request, 'mix.wav'), 'inspect');
    expect(seenBy('coordinator')).toEqual({ problems: [], total: 0, files: 0 });
  });

  test('are sorted by path, errors first, and have the reason that a redelivery would give', () => {
    const [b, a] = [scene.deliver(request, 'b.wav'), scene.deliver(request, 'a.wav')];
    ran(b, 'inspect', { problems: [{ code: 'truncated', measured: '1 byte', wanted: '2 bytes' }] });
    ran(a, 'inspect', { problems: [{ code: 'extension_differs' }] });
    ran(a, 'rules', { problems: [{ code: 'sample_rate_unwanted', measured: '44.1 kHz' }] });
    const { problems, total, files } = seenBy('coordinator');
    expect(problems.map(({ file, code, reason }) => [file.path, code, reason])).toEqual([
      ['a.wav', 'sample_rate_unwanted', 'audio_spec'],
      ['a.wav', 'extension_differs', 'wrong_file'],
      ['b.wav', 'truncated', 'unreadable'],
    ]);
    expect({ total, files }).toEqual({ total: 3, files: 2 });
  });

  test('include stages that failed', () => {
    const file = scene.deliver(request, 'a.wav');
    ran(file, 'inspect', { status: 'failed', failure: 'took_too_long' });
    expect(seenBy('coordinator').problems).toMatchObject([
      { code: 'took_too_long', severity: 'error', reason: null },
    ]);
  });

  test('include the number of problems that are too many to store', () => {
    const file = scene.deliver(request, 'a.wav');
    ran(file, 'inspect', { problems: [{ code: 'truncated' }], problemCount: 500 });
    expect(seenBy('coordinator')).toMatchObject({ total: 500, files: 1, problems: [{}] });
    expect(viewInspection(scene.hub.as(scene.people.coordinator), file)).toMatchObject({
      problemCount: 500,
      problems: [{ code: 'truncated' }],
    });
  });

  test('of files by other deliverers are hidden from people who see only their own files', () => {
    const theirs = scene.deliver(request, 'secret name.wav', scene.people.partner);
    const own = scene.deliver(request, 'own.wav', scene.people.uploader);
    for (const file of [theirs, own]) ran(file, 'inspect', { problems: [{ code: 'truncated' }] });
    expect(seenBy('uploader')).toMatchObject({
      total: 1,
      files: 1,
      problems: [{ file: { path: 'own.wav' } }],
    });
    expect(JSON.stringify(seenBy('uploader'))).not.toContain('secret');
    expect(seenBy('coordinator').files).toBe(2);
  });

  test('throw not_found for a round that the request has not reached', async () => {
    expect(await refusalOf(() => seenBy('coordinator', 7))).toMatchObject({ code: 'not_found' });
  });
});

describe('the inspection of a file', () => {
  test('returns the report, and the problems of all stages in their order', () => {
    const file = scene.deliver(request, 'a.wav');
    ran(file, 'rules', { problems: [{ code: 'channels_unwanted', track: 0 }] });
    ran(file, 'inspect', { problems: [{ code: 'truncated' }] });
    expect(viewInspection(scene.hub.as(scene.people.coordinator), file)).toMatchObject({
      report: { container: 'WAVE' },
      problems: [
        { stage: 'inspect', code: 'truncated', track: null },
        { stage: 'rules', code: 'channels_unwanted', track: 0 },
      ],
      problemCount: 2,
    });
  });

  test('throws not_found for an uploader who did not deliver the file', async () => {
    const file = scene.deliver(request, 'a.wav', scene.people.partner);
    expect(await refusalOf(() => viewInspection(scene.hub.as(scene.people.uploader), file))).toMatchObject({
      code: 'not_found',
    });
  });

  test('is replaced when the file is processed again', () => {
    const id = ran(scene.deliver(request, 'a.wav'), 'inspect', { problems: [{ code: 'truncated' }] });
    const { db } = scene.hub;
    db.delete(stageRuns).run();
    expect(id).toBeTruthy();
    expect(db.select().from(mediaReports).all()).toEqual([]);
    expect(db.select().from(mediaProblems).all()).toEqual([]);
  });
});
