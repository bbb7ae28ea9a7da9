import { webcrypto } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { assetChecksums } from '@turnover/db/schema/assets';
import { hub } from '@turnover/db/schema/hub';
import { stageRuns } from '@turnover/db/schema/jobs';
import { inTransaction } from '@turnover/db/transaction';
import { deliveredFiles, requests, rounds } from '@turnover/db/schema/requests';
import { canonicalJson, checkReceipt } from '@turnover/domain/requests/receipt-seal';
import { requestRulesSchema } from '@turnover/domain/rules/request-types';
import type { DeliveryRequest } from '../../access.ts';
import { requestScene, type RequestScene } from '../../testing/requests.ts';
import { renameFile } from '../files/files.ts';
import { currentRequest } from '../transitions.ts';
import { createRequestType } from '../types.ts';
import { storeResult } from '../processing/inspection.ts';
import { hubKey } from '../../hub-key.ts';
import { viewReceipt, writeReceipt } from './receipt.ts';
import { loadSubmittedRound } from './round-files.ts';

let scene: RequestScene;
let request: DeliveryRequest;
beforeEach(async () => {
  scene = await requestScene();
  request = scene.createRequest();
  if (!scene.hub.db.select().from(hub).get()) {
    scene.hub.db.insert(hub).values({ id: 'hub_1', createdAt: 0 }).run();
  }
});
afterEach(() => scene.close());

function deliver(path: string): string {
  const id = scene.deliver(request, path);
  const { assetId } = scene.hub.db.select().from(deliveredFiles).where(eq(deliveredFiles.id, id)).get()!;
  const checksum = { algorithm: 'xxh128', value: 'a'.repeat(32), source: 'computed' } as const;
  scene.hub.db
    .insert(assetChecksums)
    .values({ assetId, at: 0, ...checksum })
    .run();
  return id;
}

const lead = () => scene.hub.as(scene.people.coordinator);

async function written(number = 1): Promise<string> {
  const now = currentRequest(scene.hub.db, request.id);
  let text = '';
  const round = loadSubmittedRound(scene.hub.db, now, number);
  for await (const piece of writeReceipt(lead(), now, round)) text += piece;
  return text;
}

async function checked(text: string) {
  const result = await checkReceipt(text, webcrypto.subtle);
  if (result.is === 'no_receipt') throw new Error(text.slice(0, 100));
  return result;
}

describe('a receipt', () => {
  test('is valid, canonical, and stays the same until something happens', async () => {
    deliver('reels/ünï 東京 "1".wav');
    scene.submitRound(request);
    const text = await written();
    expect(await checked(text)).toMatchObject({
      contentHolds: true,
      signatureHolds: true,
      isRewritten: false,
      seal: { fingerprint: hubKey(scene.hub.db).fingerprint },
      receipt: {
        request: { name: 'Sound mix' },
        round: { number: 1, submittedBy: { name: 'partner' } },
        totals: { files: 1 },
        files: [{ path: 'reels/ünï 東京 "1".wav', deliveredBy: { name: 'partner' }, checks: ['received'] }],
      },
    });
    expect(await written()).toBe(text);
    expect(canonicalJson(JSON.parse(text))).toBe(text.trim());
  });

  test('states which stages were real and which only simulated', async () => {
    const id = deliver('a.mov');
    scene.submitRound(request);
    scene.startStage(request, id);
    const set = { stage: 'inspect', status: 'done' } as const;
    scene.hub.db.update(stageRuns).set(set).run();
    scene.startStage(request, id);
    const simulated = { stage: 'encode', mode: 'simulated', status: 'done' } as const;
    scene.hub.db.update(stageRuns).set(simulated).where(eq(stageRuns.stage, 'checksum')).run();
    const { receipt } = await checked(await written());
    expect(receipt.files).toMatchObject([{ checks: ['received', 'inspected', 'encode_simulated'] }]);
  });

  test('states which stages were requested, and which the type left out', async () => {
    deliver('a.mov');
    scene.submitRound(request);
    expect((await checked(await written())).receipt).toMatchObject({ round: { stages: null } });
    const stages = { asked: ['checksum', 'inspect'], leftOut: ['preview', 'x-studio.loudness'] };
    scene.hub.db.update(rounds).set({ stages }).run();
    expect((await checked(await written())).receipt).toMatchObject({ round: { stages } });
  });

  test('states the type that judged the round, where the round keeps it', async () => {
    const { db } = scene.hub;
    const type = createRequestType(lead(), {
      projectId: scene.project.id,
      name: 'Mixes',
      description: '',
      rules: requestRulesSchema.parse({}),
    });
    deliver('a.mov');
    scene.submitRound(request);
    db.update(requests).set({ typeId: type.id, typeVersion: 1 }).run();
    const receipt = async () => (await checked(await written())).receipt;
    expect(await receipt()).toMatchObject({ request: { type: { id: type.id, version: 1 } } });
    const stages = { asked: ['checksum'], leftOut: [] };
    const roundOf = (judgedBy: { id: string; version: number } | null) =>
      db
        .update(rounds)
        .set({ stages: { ...stages, type: judgedBy } })
        .run();
    roundOf({ id: type.id, version: 7 });
    const { round, request: facts } = await receipt();
    expect(facts).toMatchObject({ type: { id: type.id, version: 7 } });
    expect((round as { stages: object }).stages).toEqual(stages);
    roundOf(null);
    expect(await receipt()).toMatchObject({ request: { type: null } });
  });

  test('does not count an unfinished simulation as a check', async () => {
    const id = deliver('a.mov');
    scene.submitRound(request);
    scene.startStage(request, id);
    const planned = { stage: 'encode', mode: 'simulated', status: 'running' } as const;
    scene.hub.db.update(stageRuns).set(planned).run();
    const { receipt } = await checked(await written());
    expect(receipt.files).toMatchObject([{ checks: ['received'] }]);
  });

  test('does not count a failed inspection as a check', async () => {
    const id = deliver('a.mov');
    scene.submitRound(request);
    scene.startStage(request, id);
    scene.hub.db.update(stageRuns).set({ stage: 'inspect', status: 'failed', failure: 'crashed' }).run();
    const { receipt } = await checked(await written());
    expect(receipt.files).toMatchObject([{ checks: ['received'], stages: [{ failure: 'crashed' }] }]);
  });

  test('says of a failure when it only informs, and otherwise nothing about it', async () => {
    const id = deliver('a.mov');
    scene.submitRound(request);
    scene.startStage(request, id);
    const failed = { status: 'failed', failure: 'crashed' } as const;
    const stagesIn = async () => {
      const { receipt } = await checked(await written());
      return (receipt.files as unknown as { stages: object[] }[])[0]!.stages;
    };
    scene.hub.db.update(stageRuns).set(failed).run();
    expect(await stagesIn()).toEqual([{ stage: 'checksum', mode: 'real', ...failed }]);
    scene.hub.db.update(stageRuns).set({ informs: true }).run();
    expect(await stagesIn()).toEqual([{ stage: 'checksum', mode: 'real', ...failed, informs: true }]);
  });

  test('exists for a round without files', async () => {
    scene.submitRound(request);
    expect(await checked(await written())).toMatchObject({ contentHolds: true, receipt: { files: [] } });
  });

  test('keeps the file names of its round', async () => {
    const id = deliver('old.wav');
    scene.submitRound(request);
    scene.openNextRound(request);
    const before = await written();
    await renameFile(scene.hub.as(scene.people.partner), { id }, 'new.wav');
    expect(await written()).toBe(before);
    scene.submitRound(request);
    expect((await checked(await written(2))).receipt.files).toMatchObject([{ path: 'new.wav' }]);
  });

  test('has 10,000 files: its page shows some of them and the seal of all', async () => {
    const id = deliver('first.wav');
    const { assetId } = scene.hub.db.select().from(deliveredFiles).where(eq(deliveredFiles.id, id)).get()!;
    scene.hub.db.run(sql`
      insert into delivered_files (id, request_id, path, path_key, asset_id, is_manifest, delivered_by, added_at, added_round)
      with recursive n(i) as (select 1 union all select i + 1 from n where i < 9999)
      select 'dlv_' || i, ${request.id}, printf('f.%05d.dpx', i), printf('f.%05d.dpx', i), ${assetId}, 0,
        ${scene.people.partner.id}, 0, 1 from n`);
    scene.submitRound(request);
    const now = currentRequest(scene.hub.db, request.id);
    const { seal, contentHolds, receipt } = await checked(await written());
    const view = await viewReceipt(lead(), now, loadSubmittedRound(scene.hub.db, now, 1), 100);
    expect(view.files).toHaveLength(100);
    expect(contentHolds).toBe(true);
    expect(receipt.files).toHaveLength(10_000);
    expect(view.seal).toEqual({ sha256: seal.sha256, fingerprint: seal.fingerprint });
  });
});

test('the page shows the first problems of a file; the receipt lists all', async () => {
  const id = deliver('a.wav');
  scene.submitRound(request);
  scene.startStage(request, id);
  const run = scene.hub.db.select().from(stageRuns).get()!;
  scene.hub.db.update(stageRuns).set({ stage: 'signal' }).run();
  const problems = Array.from({ length: 30 }, (_, second) => ({
    code: 'clipping' as const,
    fromMs: second * 1000,
  }));
  inTransaction(scene.hub.db, (tx) =>
    storeResult(tx, run.id, { facts: {}, problems, problemCount: problems.length }),
  );
  const now = currentRequest(scene.hub.db, request.id);
  const { files } = await viewReceipt(lead(), now, loadSubmittedRound(scene.hub.db, now, 1), 100);
  expect(files[0]!.problems).toHaveLength(20);
  expect(files[0]!.problems[19]).toMatchObject({ stage: 'signal', code: 'clipping', fromMs: 19_000 });
  expect(files[0]!.problemCount).toBe(30);
  const { receipt } = await checked(await written());
  expect(receipt.files[0]).toMatchObject({ problems: { length: 30 } });
});

describe('a receipt that was tampered with', () => {
  async function sealed() {
    deliver('a.wav');
    scene.submitRound(request);
    return written();
  }

  test('fails verification when a byte is changed', async () => {
    const text = (await sealed()).replace('"a.wav"', '"b.wav"');
    expect(await checked(text)).toMatchObject({ contentHolds: false, signatureHolds: true });
  });

  test('fails verification when the hash is replaced without a signature', async () => {
    const { receipt, seal } = JSON.parse(await sealed()) as { receipt: object; seal: { sha256: string } };
    const changed = { receipt: { ...receipt, extra: 1 }, seal };
    const bytes = new TextEncoder().encode(canonicalJson(changed.receipt));
    seal.sha256 = Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes)).toString('hex');
    expect(await checked(JSON.stringify(changed))).toMatchObject({
      contentHolds: true,
      signatureHolds: false,
    });
  });

  test('fails verification with the fingerprint of another key', async () => {
    const file = JSON.parse(await sealed()) as { seal: Record<string, string> };
    file.seal['fingerprint'] = '0'.repeat(64);
    expect(await checked(JSON.stringify(file))).toMatchObject({ signatureHolds: false });
    file.seal['publicKey'] = 'no base64 at all!';
    expect(await checked(JSON.stringify(file))).toMatchObject({ signatureHolds: false });
  });

  test('passes verification when only its layout differs', async () => {
    const text = JSON.stringify(JSON.parse(await sealed()), null, 2);
    expect(await checked(text)).toMatchObject({
      contentHolds: true,
      signatureHolds: true,
      isRewritten: true,
    });
  });

  test.each(['', '{}', 'null', '[]', '{"receipt":null,"seal":{}}', '['.repeat(200_000)])(
    'rejects other files as receipts: %#',
    async (text) => {
      expect(await checkReceipt(text, webcrypto.subtle)).toEqual({ is: 'no_receipt' });
    },
  );
});
