import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { assetChecksums } from '@turnover/db/schema/assets';
import { stageRuns } from '@turnover/db/schema/jobs';
import { deliveredFiles } from '@turnover/db/schema/requests';
import type { FindingAnswer } from '@turnover/domain/requests/findings';
import type { DeliveryRequest } from '../../access.ts';
import { refusalOf, requestScene, type RequestScene } from '../../testing/requests.ts';
import { submitRequest } from '../actions.ts';
import { getRequest } from '../edit.ts';
import { renameFile } from '../files/files.ts';
import { answerFinding } from './findings.ts';
import { askForRedelivery } from './redeliveries.ts';

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

const partner = () => scene.hub.as(scene.people.partner);
const refusal = () => refusalOf(() => submitRequest(partner(), request));

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

  test('is refused while an answer claims that something was fixed', async () => {
    ask({ findings: 2 });
    answerAll('fixed');
    expect(await refusal()).toMatchObject({ code: 'nothing_changed' });
  });

  test('is taken when an answer says of each finding why it stays', async () => {
    ask({ findings: 2 });
    answerAll('creative_intent');
    expect(submitRequest(partner(), request).status).toBe('submitted');
  });

  test('is taken when the hub failed, because it tries again', async () => {
    scene.startStage(request, mix);
    scene.hub.db.update(stageRuns).set({ status: 'failed', failure: 'crashed' }).run();
    ask();
    expect(submitRequest(partner(), request).status).toBe('submitted');
  });

  test('is refused when the checksum that the sender declared failed', async () => {
    scene.startStage(request, mix);
    scene.hub.db.update(stageRuns).set({ status: 'failed', failure: 'declared_checksum_differs' }).run();
    ask();
    expect(await refusal()).toMatchObject({ code: 'nothing_changed' });
  });
});

describe('a round is taken', () => {
  test('with other bytes under the same name', async () => {
    ask({ clear: true });
    withHash(scene.deliver(request, 'mix.wav'), 'b');
    expect(submitRequest(partner(), request).status).toBe('submitted');
  });

  test('with one file more', async () => {
    ask();
    scene.deliverMore(request);
    expect(submitRequest(partner(), request).status).toBe('submitted');
  });

  test('with a new name for a file', async () => {
    ask();
    await renameFile(partner(), { id: mix }, 'mix_v02.wav');
    expect(submitRequest(partner(), request).status).toBe('submitted');
  });
});
