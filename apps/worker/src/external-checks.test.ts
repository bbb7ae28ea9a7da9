/** External checks in a worker: a broken check fails only its file, and findings reach the people who see the file. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { submitRequest } from '@turnover/core/requests/actions';
import { recordOutsideStages } from '@turnover/core/requests/processing/outside-stages';
import { listProblems, viewInspection } from '@turnover/core/requests/processing/inspection';
import { viewFile } from '@turnover/core/requests/files/list';
import { viewQcReport } from '@turnover/core/requests/receipts/qc-report';
import { viewReceipt } from '@turnover/core/requests/receipts/receipt';
import { loadSubmittedRound } from '@turnover/core/requests/receipts/round-files';
import { createSampleDelivery } from '@turnover/core/testing/sample-delivery';
import { testHub, type TestHub } from '@turnover/core/testing/hub';
import { requests, rounds } from '@turnover/db/schema/requests';
import { externalCheck } from '@turnover/domain/media/external-checks';
import { stageOfCheck } from '@turnover/processing/external/check-stage';
import { statedBy } from '@turnover/processing/outside/load';
import { openPool } from './pool.ts';
import { runToTheEnd, sampleFile } from './testing/worker.ts';

let folder: string;
let hub: TestHub;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'turnover-checks-'));
  hub = await testHub();
});
afterEach(() => {
  hub.close();
  rmSync(folder, { recursive: true });
});

test(
  'findings come back as problems, and a check that hangs fails its file and no other',
  { timeout: 120_000 },
  async () => {
    const program = join(folder, 'check.sh');
    const answer = `{"findings":[{"severity":"error","text":"<script>alert(1)</script>","fromMs":500}]}`;
    // The stored bytes decide, because the check does not get the file name.
    writeFileSync(program, `#!/bin/sh\ngrep -q poison "$1" && sleep 100\necho '${answer}'\n`);
    chmodSync(program, 0o755);
    const check = externalCheck.parse({
      name: 'x-house.check',
      label: { en: 'House check' },
      kinds: ['document'],
      command: [program],
      timeLimitSeconds: 1,
    });
    const stages = [statedBy(stageOfCheck(check))];
    recordOutsideStages(hub.ctx, stages);
    const pool = openPool(2, { modules: [], checks: [check], stages });
    const files = [await sampleFile('a.txt', 'poison'), await sampleFile('b.txt', 'words')];
    const { coordinator, request, fileIds } = createSampleDelivery(hub, files);
    submitRequest(coordinator, request);
    await runToTheEnd(hub, pool);
    await pool.close();

    expect(hub.db.select().from(requests).get()!.status).toBe('processed');
    expect(hub.db.select().from(rounds).get()).toMatchObject({ filesProcessed: 2, filesFailed: 1 });
    expect(viewFile(coordinator, fileIds[0]!).stages.at(-1)).toMatchObject({
      stage: 'x-house.check',
      status: 'failed',
      failure: 'check_took_too_long',
      words: { name: { en: 'House check' }, outcome: { en: expect.stringContaining('took too long') } },
    });
    expect(viewFile(coordinator, fileIds[1]!).stages.at(-1)).toMatchObject({ status: 'done', problems: 1 });
    expect(viewInspection(coordinator, fileIds[1]!).problems).toMatchObject([
      {
        stage: 'x-house.check',
        code: 'external_error',
        severity: 'error',
        measured: '<script>alert(1)</script>',
        fromMs: 500,
        words: { name: { en: 'House check' }, outcome: null },
      },
    ]);

    // Lists of a round name the check and its failure in its words, too.
    const failed = {
      code: 'check_took_too_long',
      words: { outcome: { en: expect.stringContaining('too long') } },
    };
    expect(listProblems(coordinator, request, null).problems).toMatchObject([
      failed,
      { words: { name: { en: 'House check' } } },
    ]);
    const round = loadSubmittedRound(hub.db, request, 1);
    const report = await viewQcReport(coordinator, request, round);
    expect(report.stageNames).toEqual({ 'x-house.check': { en: 'House check' } });
    expect(report.withProblems.files[0]!.problems).toMatchObject([failed]);
    const receipt = await viewReceipt(coordinator, request, round, 10);
    expect(receipt.stageNames).toEqual(report.stageNames);
  },
);
