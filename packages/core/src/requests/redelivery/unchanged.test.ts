import { eq, sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { assetChecksums } from '@turnover/db/schema/assets';
import { stageRuns } from '@turnover/db/schema/jobs';
import { deliveredFiles, requests, rounds } from '@turnover/db/schema/requests';
import { requestRulesSchema } from '@turnover/domain/rules/request-types';
import type { FindingAnswer } from '@turnover/domain/requests/finding-answers';
import type { DeliveryRequest } from '../../access.ts';
import { refusalOf, requestScene, type RequestScene } from '../../testing/requests.ts';
import { reviewAndSubmit, submitRequest } from '../actions.ts';
import { getRequest } from '../edit.ts';
import { renameFile } from '../files/files.ts';
import { currentRequest } from '../transitions.ts';
import { createRequestType } from '../types.ts';
import { answerFinding } from './findings.ts';
import { askForRedelivery } from './redeliveries.ts';
import { compareWithRoundBefore } from './unchanged.ts';

let scene: RequestScene;
let request: DeliveryRequest;
let mix: string;

beforeEach(async () => {
  scene = await requestScene();
  request = scene.createRequest();
  mix = scene.deliver(request, 'mix.wav');
  withHash(mix, 'a');
  submitRequest(partner(), request);
  scene.put(request, 'processed');
});
afterEach(() => scene.close());

const coordinator = () => scene.hub.as(scene.people.coordinator);
const partner = () => scene.hub.as(scene.people.partner);
const submit = () => reviewAndSubmit(partner(), currentRequest(scene.hub.db, request.id));
const refusal = () => refusalOf(submit);

function withHash(fileId: string, letter: string): void {
  const { db } = scene.hub;
  const { assetId } = db.select().from(deliveredFiles).where(eq(deliveredFiles.id, fileId)).get()!;
  const checksum = { algorithm: 'xxh128', value: letter.repeat(32), source: 'computed', at: 0 } as const;
  db.insert(assetChecksums)
    .values({ assetId, ...checksum })
    .run();
}

function ask(facts: { findings?: number; clear?: boolean } = {}): void {
  const finding = { reason: 'wrong_version', fileId: null, timecodeIn: null, timecodeOut: null, note: '' };
  askForRedelivery(scene.hub.as(scene.people.coordinator), request, {
    reasons: ['wrong_file'],
    comment: '',
    clearExisting: facts.clear ?? false,
    pins: Array.from({ length: facts.findings ?? 0 }, () => finding),
  });
}

function answerAll(answer: FindingAnswer): void {
  for (const { id } of getRequest(partner(), request.id).redelivery!.pins) {
    answerFinding(partner(), { id }, answer, 'because');
  }
}

describe('a round with the files of the round before', () => {
  test('is refused, and the refusal names that round', async () => {
    ask();
    expect(await refusal()).toMatchObject({ code: 'nothing_changed', details: { round: 1 } });
  });

  test('is refused when the same bytes were sent again', async () => {
    ask({ clear: true });
    withHash(scene.deliver(request, 'mix.wav'), 'a');
    expect(await refusal()).toMatchObject({ code: 'nothing_changed' });
  });

  test('is refused when an answer claims that something was fixed', async () => {
    ask({ findings: 2 });
    answerAll('fixed');
    expect(await refusal()).toMatchObject({ code: 'nothing_changed' });
  });

  test('is accepted when answers explain for each finding why nothing changed', async () => {
    ask({ findings: 2 });
    answerAll('creative_intent');
    expect((await submit()).status).toBe('submitted');
  });

  test('is accepted when a fault of the hub caused the failure, because it processes the files again', async () => {
    scene.startStage(request, mix);
    scene.hub.db.update(stageRuns).set({ status: 'failed', failure: 'crashed' }).run();
    ask();
    expect((await submit()).status).toBe('submitted');
  });

  test('is refused when the failure only informed, because nothing is processed again', async () => {
    scene.startStage(request, mix);
    const failed = { status: 'failed', failure: 'crashed', informs: true } as const;
    scene.hub.db.update(stageRuns).set(failed).run();
    ask();
    expect(await refusal()).toMatchObject({ code: 'nothing_changed' });
  });

  test('is accepted when the house changed the rules, which judge the same files otherwise', async () => {
    const judged = (version: number) => ({ asked: [], leftOut: [], type: { id: type.id, version } });
    const type = createRequestType(coordinator(), {
      projectId: scene.project.id,
      name: 'Mixes',
      description: '',
      rules: requestRulesSchema.parse({}),
    });
    const { db } = scene.hub;
    db.update(requests).set({ typeId: type.id, typeVersion: 1 }).run();
    db.update(rounds)
      .set({ stages: judged(1) })
      .run();
    ask();
    expect(await refusal()).toMatchObject({ code: 'nothing_changed' });
    db.update(rounds)
      .set({ stages: { ...judged(1), type: null } })
      .run();
    expect((await submit()).status).toBe('submitted');
  });

  test('is refused when the file failed against its declared checksum', async () => {
    scene.startStage(request, mix);
    scene.hub.db.update(stageRuns).set({ status: 'failed', failure: 'declared_checksum_differs' }).run();
    ask();
    expect(await refusal()).toMatchObject({ code: 'nothing_changed' });
  });
});

describe('a round is accepted', () => {
  test('with other bytes under the same name', async () => {
    ask({ clear: true });
    withHash(scene.deliver(request, 'mix.wav'), 'b');
    expect((await submit()).status).toBe('submitted');
  });

  test('with one more file', async () => {
    ask();
    scene.deliverMore(request);
    expect((await submit()).status).toBe('submitted');
  });

  test('with a renamed file', async () => {
    ask();
    await renameFile(partner(), { id: mix }, 'mix_v02.wav');
    expect((await submit()).status).toBe('submitted');
  });
});

describe('a comparison', () => {
  const count = 1200;

  function sendAgain(last: string): void {
    const { db } = scene.hub;
    ask({ clear: true });
    // Rounds 1 and 2 share no asset: only the checksums show that the bytes are the same.
    for (const round of [1, 2]) addFrames(db, round, round === 1 ? 'f' : last);
    withHash(scene.deliver(request, 'mix.wav'), 'a');
  }

  test('finds the one changed file among more files than fit on a page', async () => {
    sendAgain('e');
    expect(await compareWithRoundBefore(scene.hub.db, request)).toMatchObject({ isUnchanged: false });
  });

  test('finds no change among more files than fit on a page', async () => {
    sendAgain('f');
    expect(await compareWithRoundBefore(scene.hub.db, request)).toMatchObject({ isUnchanged: true });
  });

  test('becomes invalid when the request changes after it', async () => {
    ask();
    const comparison = await compareWithRoundBefore(scene.hub.db, request);
    scene.deliverMore(request);
    const late = () => submitRequest(partner(), request, null, comparison);
    expect(await refusalOf(late)).toMatchObject({ code: 'conflict' });
    expect(await refusalOf(() => submitRequest(partner(), request))).toMatchObject({ code: 'conflict' });
  });

  /** Frames; the last one has the checksum of this letter, and is present only in round 1 or since round 2. */
  function addFrames(db: RequestScene['hub']['db'], round: number, letter: string): void {
    const rows = Array.from({ length: count }, (_none, index) => {
      const path = `frames/${String(index).padStart(6, '0')}.dpx`;
      const value = (index === count - 1 ? letter : 'f').repeat(32);
      return { id: `${round}_${index}`, path, value };
    });
    const json = JSON.stringify(rows);
    db.run(sql`insert into assets (id, size_bytes, state, created_at)
      select 'ast_' || (value ->> 'id'), 1, 'stored', 0 from json_each(${json})`);
    db.run(sql`insert into asset_checksums (asset_id, algorithm, source, value, at)
      select 'ast_' || (value ->> 'id'), 'xxh128', 'computed', value ->> 'value', 0 from json_each(${json})`);
    db.run(sql`insert into delivered_files (id, request_id, path, path_key, asset_id, is_manifest, delivered_by,
        added_at, added_round, removed_at, removed_round)
      select 'dlv_' || (value ->> 'id'), ${request.id}, value ->> 'path', value ->> 'path', 'ast_' || (value ->> 'id'),
        0, ${scene.people.partner.id}, 0, ${round}, ${round === 1 ? 1 : null}, ${round === 1 ? 2 : null}
      from json_each(${json})`);
  }
});
