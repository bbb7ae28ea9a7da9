import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inTransaction } from '@turnover/db/transaction';
import { stageRuns } from '@turnover/db/schema/jobs';
import { readCsv } from '@turnover/domain/csv';
import type { MediaProblem } from '@turnover/domain/media/media-problems';
import { qcReportView, type QcReportView } from '@turnover/domain/requests/qc-report';
import type { DeliveryRequest } from '../../access.ts';
import { requestScene, type RequestScene } from '../../testing/requests.ts';
import { storeResult } from '../processing/inspection.ts';
import { askForRedelivery } from '../redelivery/redeliveries.ts';
import { currentRequest } from '../transitions.ts';
import { viewQcReport, writeQcCsv, writeQcJson } from './qc-report.ts';
import { loadSubmittedRound } from './round-files.ts';

let scene: RequestScene;
let request: DeliveryRequest;
beforeEach(async () => {
  scene = await requestScene();
  request = scene.createRequest();
});
afterEach(() => scene.close());

const lead = () => scene.hub.as(scene.people.coordinator);

type Run = Partial<typeof stageRuns.$inferInsert> & { stage: string; problems?: MediaProblem[] };

function ran(fileId: string, { problems = [], ...run }: Run): void {
  const { hub } = scene;
  const id = hub.ctx.newId('stageRun');
  const problemCount = run.problemCount ?? problems.length;
  const ofFile = { id, requestId: request.id, fileId, round: 1, position: 0, createdAt: hub.clock.now };
  hub.db
    .insert(stageRuns)
    .values({ ...ofFile, mode: 'real', status: 'done', facts: {}, ...run, problemCount })
    .run();
  inTransaction(hub.db, (tx) => storeResult(tx, id, { facts: {}, problems, problemCount }));
}

const now = () => currentRequest(scene.hub.db, request.id);
const roundOne = () => loadSubmittedRound(scene.hub.db, now(), 1);

async function view(): Promise<QcReportView> {
  return qcReportView.parse(await viewQcReport(lead(), now(), roundOne()));
}

async function records(): Promise<Record<string, string>[]> {
  let text = '';
  for await (const piece of writeQcCsv(lead(), now(), roundOne())) text += piece;
  const read = readCsv(text);
  if ('problem' in read) throw new Error(read.problem);
  const [head, ...rows] = read.records;
  return rows.map(({ cells }) => Object.fromEntries(cells.map((cell, at) => [head!.cells[at]!, cell])));
}

describe('the QC report of a round', () => {
  test('contains every file and stage, real or simulated, and each problem with its code of the QC vocabulary', async () => {
    const [clean, bad] = [scene.deliver(request, 'a.mov'), scene.deliver(request, 'b.wav')];
    ran(clean, { stage: 'inspect' });
    ran(clean, { stage: 'encode', mode: 'simulated', position: 1 });
    ran(clean, { stage: 'x-house.check', position: 2 });
    const at = { track: 1, fromMs: 1500, toMs: 2000, measured: '-0.1 dBTP', wanted: '-2 dBTP' };
    ran(bad, { stage: 'signal', problems: [{ code: 'clipping', ...at }], problemCount: 300 });
    ran(bad, { stage: 'text', status: 'skipped', facts: { reason: 'not_inspected' }, position: 1 });
    scene.submitRound(request);
    const report = await view();
    expect(report.stages).toEqual([
      { stage: 'inspect', mode: 'real', done: 1, failed: 0, skipped: 0, open: 0 },
      { stage: 'signal', mode: 'real', done: 1, failed: 0, skipped: 0, open: 0 },
      { stage: 'text', mode: 'real', done: 0, failed: 0, skipped: 1, open: 0 },
      { stage: 'encode', mode: 'simulated', done: 1, failed: 0, skipped: 0, open: 0 },
      { stage: 'x-house.check', mode: 'real', done: 1, failed: 0, skipped: 0, open: 0 },
    ]);
    expect(report.without.files).toMatchObject([{ path: 'a.mov', problemCount: 0 }]);
    expect(report.withProblems).toMatchObject({
      total: 1,
      files: [
        {
          path: 'b.wav',
          problemCount: 300,
          stages: [{ skipReason: null }, { skipReason: 'not_inspected' }],
          problems: [
            {
              ...at,
              code: 'clipping',
              severity: 'warning',
              reason: 'audio_spec',
              qc: { category: 'AUDIO', term: 'CLIPPING' },
            },
          ],
        },
      ],
    });
    expect(report.counts).toEqual({ error: 0, warning: 1, note: 0 });
    expect(report.notKept).toBe(299);
  });

  test('counts a failed stage as an error', async () => {
    const file = scene.deliver(request, 'a.mov');
    ran(file, { stage: 'inspect', status: 'failed', failure: 'took_too_long' });
    scene.submitRound(request);
    const { counts, withProblems } = await view();
    expect(counts.error).toBe(1);
    expect(withProblems.files[0]).toMatchObject({ problems: [{ code: 'took_too_long', qc: null }] });
  });

  test('marks a failure that only informs, and counts it as a warning', async () => {
    const file = scene.deliver(request, 'a.mov');
    const failed = { status: 'failed', failure: 'took_too_long' } as const;
    ran(file, { stage: 'inspect', ...failed, informs: true });
    ran(file, { stage: 'signal', ...failed, position: 1 });
    scene.submitRound(request);
    const { counts, withProblems } = await view();
    expect(counts).toEqual({ error: 1, warning: 1, note: 0 });
    expect(withProblems.files[0]!.stages).toMatchObject([{ informs: true }, { informs: false }]);
    const stages = (await records()).filter(({ record }) => record === 'stage');
    expect(stages).toMatchObject([
      { stage: 'inspect', note: 'only informs' },
      { stage: 'signal', note: '' },
    ]);
  });

  test('contains the findings of people, with the codes of their reasons', async () => {
    const fileId = scene.deliver(request, 'a.mov');
    scene.submitRound(request);
    scene.put(request, 'processed');
    const finding = {
      reason: 'extraneous_content',
      fileId,
      timecodeIn: '00:00:01:00',
      note: 'Slate left in',
    };
    askForRedelivery(lead(), request, {
      reasons: ['extraneous_content'],
      comment: '',
      clearExisting: false,
      pins: [{ timecodeOut: null, frameRate: '25', ...finding }],
    });
    const { findings } = await view();
    expect(findings).toMatchObject([
      {
        path: 'a.mov',
        timecodeIn: '00:00:01:00',
        note: 'Slate left in',
        by: { name: 'coordinator' },
        qc: { category: 'DELIVERY-PACKAGE', term: 'ASSET-UNNEEDED' },
      },
    ]);
    expect((await records())[0]).toMatchObject({ record: 'finding', file: 'a.mov', note: 'Slate left in' });
  });

  test('contains only files and stage runs of its own round', async () => {
    scene.deliver(request, 'a.wav');
    scene.submitRound(request);
    scene.openNextRound(request);
    const later = scene.deliver(request, 'later.wav');
    ran(later, { stage: 'inspect', round: 2, problems: [{ code: 'truncated' }] });
    const { withProblems, without } = await view();
    expect([withProblems.total, without.total]).toEqual([0, 1]);
  });
});

describe('the QC report as CSV', () => {
  test('has a line for each file, stage and problem', async () => {
    const file = scene.deliver(request, 'b.wav');
    ran(file, { stage: 'signal', problems: [{ code: 'clipping', track: 0, fromMs: 3_600_000 }] });
    scene.submitRound(request);
    expect(await records()).toMatchObject([
      { record: 'file', file: 'b.wav' },
      { record: 'stage', file: 'b.wav', stage: 'signal', mode: 'real', status: 'done' },
      { record: 'problem', code: 'clipping', track: '1', from: '01:00:00.000', qc_term: 'CLIPPING' },
    ]);
  });

  test('escapes cells that a spreadsheet would run as a formula', async () => {
    const file = scene.deliver(request, '=HYPERLINK("x").wav');
    ran(file, { stage: 'inspect', problems: [{ code: 'truncated', measured: '@SUM(1)', wanted: '-1 dB' }] });
    scene.submitRound(request);
    const lines = await records();
    expect(lines.map((line) => line['file'])).toEqual(Array(3).fill(`'=HYPERLINK("x").wav`));
    expect(lines[2]).toMatchObject({ measured: `'@SUM(1)`, wanted: `'-1 dB` });
  });

  test('states how many counted problems are not listed', async () => {
    const file = scene.deliver(request, 'b.wav');
    ran(file, { stage: 'signal', problems: [{ code: 'clipping' }], problemCount: 500 });
    scene.submitRound(request);
    expect((await records())[0]!['note']).toBe('499 more problems are counted and not listed');
  });
});

test('the QC report as JSON is valid, and its bytes stay the same until something happens', async () => {
  const file = scene.deliver(request, 'ünï "1".wav');
  ran(file, { stage: 'inspect', problems: [{ code: 'truncated' }] });
  scene.deliver(request, 'z.wav');
  scene.submitRound(request);
  const json = async () => {
    let text = '';
    for await (const piece of writeQcJson(lead(), now(), roundOne())) text += piece;
    return text;
  };
  const text = await json();
  expect(JSON.parse(text)).toMatchObject({
    format: 'turnover-qc-report',
    vocabulary: 'MovieLabs QC Vocabulary 1.1',
    request: { name: 'Sound mix' },
    files: [{ path: 'z.wav' }, { path: 'ünï "1".wav', problems: [{ code: 'truncated' }] }],
  });
  scene.hub.clock.now += 1000;
  expect(await json()).toBe(text);
});
