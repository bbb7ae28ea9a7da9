import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eq } from 'drizzle-orm';
import { requests } from '@turnover/db/schema/requests';
import { requestRulesSchema } from '@turnover/domain/rules/request-types';
import type { PreFlightRule } from '@turnover/domain/rules/rule-codes';
import { submitIfComplete, type SubmitJob } from './automatic-submit.ts';
import { claim } from '../jobs.ts';
import { requestEvents } from './history.ts';
import { submitRequest } from './actions.ts';
import { createRequestType } from './types.ts';
import { createRequest, updateRequest } from './edit.ts';
import { answerFinding } from './redelivery/findings.ts';
import { askForRedelivery } from './redelivery/redeliveries.ts';
import { checkDelivery, checkArriving, reviewDelivery, overrideRule } from './rule-checks.ts';
import { currentRequest } from './transitions.ts';
import { refusalOf, requestScene, type RequestScene } from '../testing/requests.ts';
import { beginUpload } from '../uploads/uploads.ts';
import { addFromWorkspace } from '../workspace/deliver.ts';

let scene: RequestScene;
beforeEach(async () => {
  scene = await requestScene();
});
afterEach(() => scene.close());

const as = (role: 'coordinator' | 'partner' | 'uploader') => scene.hub.as(scene.people[role]);
const list = { kind: 'list', files: [{ name: 'mix.L.wav' }, { name: 'mix.R.wav' }] };

function request(rules: object) {
  const { id: typeId } = createRequestType(as('coordinator'), {
    projectId: scene.project.id,
    name: 'Mixes',
    description: '',
    rules: requestRulesSchema.parse(rules),
  });
  const { partner, uploader } = scene.people;
  return createRequest(as('coordinator'), {
    projectId: scene.project.id,
    name: 'Mix',
    description: '',
    dueAt: null,
    typeId,
    assignees: [{ userId: partner.id }, { userId: uploader.id }],
  });
}
const load = ({ id }: { id: string }) => currentRequest(scene.hub.db, id);
const submit = async (asked: { id: string }) =>
  submitRequest(as('partner'), asked, await reviewDelivery(scene.hub, load(asked)));
const begin = (asked: { id: string }, filename: string, more = {}) =>
  beginUpload(as('uploader'), {
    projectId: scene.project.id,
    requestId: asked.id,
    filename,
    sizeBytes: 3,
    replace: false,
    ...more,
  });
const override = (asked: { id: string }, rule: PreFlightRule, path: string | null, reason = 'So be it') =>
  overrideRule(as('uploader'), asked, { rule, path }, reason);

describe('a submit', () => {
  test('is refused while an expected file is missing', async () => {
    const asked = request({ expected: list });
    scene.deliver(asked, 'mix.L.wav');
    expect(await refusalOf(() => submit(asked))).toMatchObject({
      code: 'rules_unmet',
      details: { rule: 'expected_missing', name: 'mix.R.wav', overridable: false },
    });
    scene.deliver(asked, 'mix.R.wav');
    expect((await submit(asked)).status).toBe('submitted');
  });

  test('with an overridable problem needs a reason, which is recorded in the history', async () => {
    const asked = request({ expected: { kind: 'count', min: 3 }, overridable: ['too_few_files'] });
    scene.deliver(asked, 'mix.wav');
    expect((await refusalOf(() => submit(asked))).details).toMatchObject({
      rule: 'too_few_files',
      overridable: true,
    });
    override(asked, 'too_few_files', null, 'There is only one reel');
    expect((await submit(asked)).status).toBe('submitted');
    const [, overridden] = requestEvents(as('partner'), load(asked), { limit: 10 });
    expect(overridden).toMatchObject({
      kind: 'request.ruleOverridden',
      data: { rule: 'too_few_files', reason: 'There is only one reel' },
    });
  });

  test('with missing frames needs a reason whatever the type, which is recorded in the history', async () => {
    const asked = request({ completeSequences: true });
    for (const frame of [9998, 10_001]) scene.deliver(asked, `shot/s.${frame}.exr`);
    const path = 'shot/s.####.exr';
    expect(await refusalOf(() => submit(asked))).toMatchObject({
      details: { rule: 'sequence_gap', path, gaps: '9999–10000', overridable: true },
    });
    override(asked, 'sequence_gap', path, 'Rendered on twos');
    expect((await submit(asked)).status).toBe('submitted');
    expect(
      requestEvents(as('uploader'), load(asked), { limit: 10 }).map(({ kind, data }) => [kind, data]),
    ).toContainEqual([
      'request.ruleOverridden',
      { rule: 'sequence_gap', reason: 'Rendered on twos', name: path },
    ]);
  });

  test('is refused when the request has changed since the review', async () => {
    const asked = request({ extensions: ['wav'] });
    scene.deliver(asked, 'mix.wav');
    const review = await reviewDelivery(scene.hub, load(asked));
    scene.deliver(asked, 'mix.mp3');
    expect((await refusalOf(() => submitRequest(as('partner'), asked, review))).code).toBe('conflict');
    expect((await refusalOf(() => submitRequest(as('partner'), asked))).code).toBe('conflict');
    expect((await refusalOf(() => submit(asked))).details.rule).toBe('extension');
  });

  test('is refused without a checksum list when one is demanded', async () => {
    const asked = request({ demandsManifest: true });
    scene.deliver(asked, 'mix.wav');
    expect((await refusalOf(() => submit(asked))).details.rule).toBe('manifest_missing');
  });

  test('reports a refusal by the status before any rule', async () => {
    const asked = request({ expected: list });
    scene.put(asked, 'processed');
    expect((await refusalOf(() => submit(asked))).code).toBe('status_forbids');
  });
});

describe('a file whose upload begins', () => {
  test('is refused by a blocking rule, with a suggested name', async () => {
    const asked = request({ namePattern: '{n:digits(3)}_{v:version}.wav', strictNames: true });
    const refusal = await refusalOf(() => begin(asked, '1_V2.WAV', {}));
    expect(refusal).toMatchObject({
      code: 'rules_unmet',
      details: { rule: 'name_pattern', suggestion: '001_v02.wav', overridable: false },
    });
    await begin(asked, '001_v02.wav');
  });

  test('can override rules for its own name with a reason', async () => {
    const asked = request({ extensions: ['wav'], overridable: ['extension'] });
    expect((await refusalOf(() => begin(asked, 'mix.mp3'))).details.overridable).toBe(true);
    await begin(asked, 'mix.mp3', { override: 'They have no other' });
    expect((await refusalOf(() => begin(asked, 'other.mp3'))).code).toBe('rules_unmet');
    override(asked, 'extension', null);
    await begin(asked, 'other.mp3');
  });

  test('is accepted even though other files are missing', async () => {
    await begin(request({ expected: list, demandsManifest: true }), 'mix.L.wav');
  });

  test('cannot override a blocking rule', async () => {
    const asked = request({ extensions: ['wav'] });
    expect((await refusalOf(() => override(asked, 'extension', null))).code).toBe('conflict');
    expect((await refusalOf(() => begin(asked, 'mix.mp3', { override: 'Please' }))).code).toBe('rules_unmet');
  });
});

test('files from a Workspace need a reason for overridable rules, and are refused by blocking rules', async () => {
  const asked = request({
    extensions: ['wav'],
    namePattern: '{n:digits}.wav',
    overridable: ['name_pattern'],
  });
  const entry = (name: string) =>
    scene.createEntry(scene.people.partner, name, { assetId: scene.createAsset(name) });
  const add = (entryId: string, override?: string) =>
    addFromWorkspace(as('partner'), load(asked), {
      entryIds: [entryId],
      replace: false,
      clearExisting: false,
      answers: { files: [], onCollision: 'refuse', useOfferedNames: false, skipMisfits: false, override },
    });
  const notes = entry('notes.txt');
  expect((await refusalOf(() => add(notes, 'Please'))).details).toMatchObject({
    rule: 'extension',
    path: 'notes.txt',
  });
  const mix = entry('mix.wav');
  const broken = { rule: 'name_pattern', path: 'mix.wav', overridable: true };
  expect((await refusalOf(() => add(mix))).details).toMatchObject(broken);
  expect(await add(mix, 'The old name')).toMatchObject({ added: 1, replaced: 0 });
  expect((await submit(asked)).status).toBe('submitted');
  expect(requestEvents(as('coordinator'), load(asked), { limit: 10 })).toContainEqual(
    expect.objectContaining({
      kind: 'request.ruleOverridden',
      data: { rule: 'name_pattern', reason: 'The old name', name: 'mix.wav' },
    }),
  );
});

test('checks all files of a batch together with the present files, before the first byte', async () => {
  const asked = request({ expected: list, extensions: ['wav'] });
  scene.deliver(asked, 'mix.L.wav');
  const files = ['MIX.l.wav', 'notes.txt'].map((path) => ({ path, sizeBytes: 10 }));
  const tight = { ...as('partner'), storage: { ...scene.hub.storage, freeBytes: async () => 5 } };
  const { findings } = await checkArriving(tight, load(asked), files);
  expect(findings.map(({ rule, verdict, path }) => [rule, verdict, path])).toEqual([
    ['name_duplicate', 'blocking', 'MIX.l.wav'],
    ['extension', 'blocking', 'notes.txt'],
    ['unexpected_file', 'blocking', 'notes.txt'],
    ['no_space', 'blocking', null],
    ['expected_missing', 'later', null],
  ]);
  // A file that replaces another does not count twice.
  const replacing = files.slice(0, 1).map((file) => ({ ...file, replace: true }));
  expect((await checkArriving(as('partner'), load(asked), replacing)).counts.blocking).toBe(0);
  // Without a type, it checks only the space.
  const { findings: ofAny } = await checkArriving(tight, scene.createRequest(), files);
  expect(ofAny.map(({ rule, details }) => [rule, details])).toEqual([['no_space', { needed: 20, free: 5 }]]);
});

describe('automatic submit', () => {
  async function runJobs(): Promise<number> {
    let ran = 0;
    for (let job = claim(scene.hub.ctx, ['submitWhenComplete']); job; ran++) {
      await submitIfComplete(scene.hub.ctx, job as SubmitJob);
      job = claim(scene.hub.ctx, ['submitWhenComplete']);
    }
    return ran;
  }

  test('happens with the last expected file, on behalf of the person who delivered it', async () => {
    const asked = request({ expected: list, automaticSubmit: true });
    scene.deliver(asked, 'mix.L.wav');
    await runJobs();
    expect(load(asked).status).toBe('open');
    scene.deliver(asked, 'mix.R.wav', scene.people.uploader);
    expect(await runJobs()).toBe(1);
    expect(load(asked).status).toBe('submitted');
    const row = scene.hub.db.$client.prepare('select submitted_by as by from rounds').get();
    expect(row).toEqual({ by: scene.people.uploader.id });
    expect(requestEvents(as('partner'), load(asked), { limit: 1 })).toMatchObject([
      { kind: 'request.submitted', actor: null, data: { automatic: true } },
    ]);
  });

  test('waits for a file that is still uploading', async () => {
    const asked = request({ expected: list, automaticSubmit: true });
    scene.createUpload(asked, 'mix.R.wav', 'uploading');
    for (const name of ['mix.L.wav', 'mix.R.wav']) scene.deliver(asked, name);
    await runJobs();
    expect(load(asked).status).toBe('open');
  });

  test('does not happen when the type expects no particular files', async () => {
    const open = request({ automaticSubmit: true });
    scene.deliver(open, 'mix.wav');
    await runJobs();
    expect(load(open).status).toBe('open');
  });

  test('is checked at once when it is switched on', async () => {
    const asked = request({ expected: list });
    for (const name of ['mix.L.wav', 'mix.R.wav']) scene.deliver(asked, name);
    expect(await runJobs()).toBe(0);
    updateRequest(as('coordinator'), asked, { automaticSubmit: true });
    await runJobs();
    expect(load(asked).status).toBe('submitted');
  });

  test('waits for a new file in a later round', async () => {
    const asked = request({ expected: list, automaticSubmit: true });
    for (const name of ['mix.L.wav', 'mix.R.wav']) scene.deliver(asked, name);
    await runJobs();
    const redelivery = { status: 'redelivery', round: 2 } as const;
    scene.hub.db.update(requests).set(redelivery).where(eq(requests.id, asked.id)).run();
    updateRequest(as('coordinator'), asked, { automaticSubmit: false });
    updateRequest(as('coordinator'), asked, { automaticSubmit: true });
    await runJobs();
    expect(load(asked).status).toBe('redelivery');
    scene.deliver(asked, 'mix.L.wav', scene.people.partner, true);
    await runJobs();
    expect(load(asked).status).toBe('submitted');
  });

  test('waits until each finding is answered', async () => {
    const asked = request({ expected: list, automaticSubmit: true });
    const [left, right] = ['mix.L.wav', 'mix.R.wav'].map((name) => scene.deliver(asked, name));
    await runJobs();
    scene.put(asked, 'processed');
    const pins = [left, right].map((fileId) => ({
      reason: 'audio_spec',
      fileId: fileId!,
      timecodeIn: null,
      timecodeOut: null,
      note: '',
    }));
    const wanted = { reasons: [], pins, comment: '', clearExisting: false };
    const { redelivery } = askForRedelivery(as('coordinator'), load(asked), wanted);
    for (const name of ['mix.L.wav', 'mix.R.wav']) scene.deliver(asked, name, scene.people.partner, true);
    answerFinding(as('partner'), redelivery!.pins[0]!, 'fixed', '');
    await runJobs();
    expect(load(asked).status).toBe('redelivery');
    answerFinding(as('partner'), redelivery!.pins[1]!, 'fixed', '');
    await runJobs();
    expect(load(asked).status).toBe('submitted');
  });
});

describe('people who see only their own files', () => {
  const textOf = (report: unknown) => JSON.stringify(report);
  const scan = (stem: string, by: 'partner' | 'uploader', asked: { id: string }, frames: number[]) => {
    for (const frame of frames) scene.deliver(asked, `${stem}.${frame}.exr`, scene.people[by]);
  };

  test('learn the number of all problems, but only the names of their own files', async () => {
    const asked = request({ extensions: ['exr'], overridable: ['extension'], completeSequences: true });
    scene.deliver(asked, 'secret/cut.mov', scene.people.partner);
    scene.deliver(asked, 'mine.mov', scene.people.uploader);
    scan('secret/plate', 'partner', asked, [1001, 1002, 1009]);
    scan('reel/own', 'uploader', asked, [1001, 1002, 1009]);
    const all = await checkDelivery(as('coordinator'), load(asked));
    const own = await checkDelivery(as('uploader'), load(asked));
    expect(textOf(all)).toContain('secret/plate.####.exr');
    expect(own!.counts).toEqual(all!.counts);
    expect(textOf(own)).not.toContain('secret');
    expect(own!.findings.map(({ rule, path }) => [rule, path])).toEqual([
      ['extension', 'mine.mov'],
      ['sequence_gap', 'reel/own.####.exr'],
    ]);
    const arriving = [{ path: 'secret/plate.1005.exr', sizeBytes: 1 }];
    expect(textOf(await checkArriving(as('uploader'), load(asked), arriving))).toContain(
      'secret/plate.####.exr',
    );
    expect(
      textOf(await checkArriving(as('uploader'), load(asked), [{ path: 'x.exr', sizeBytes: 1 }])),
    ).not.toContain('secret');
  });

  test('learn no name of another person’s file from look-alike names or a refused submit', async () => {
    const asked = request({ extensions: ['wav'], overridable: [] });
    scene.deliver(asked, 'a\u00a0secret.mov', scene.people.partner);
    const files = [{ path: 'a secret.mov', sizeBytes: 1 }];
    const rules = async (role: 'partner' | 'uploader') =>
      (await checkArriving(as(role), load(asked), files)).findings.map(({ rule }) => rule);
    expect(await rules('partner')).toContain('look_alike');
    expect(await rules('uploader')).not.toContain('look_alike');
    const refusal = await refusalOf(async () =>
      submitRequest(as('uploader'), asked, await reviewDelivery(scene.hub, load(asked))),
    );
    expect(refusal).toMatchObject({
      code: 'rules_unmet',
      details: { rule: 'extension', path: null, wanted: 'wav', name: '…' },
    });
    expect(textOf(refusal)).not.toContain('secret');
  });
});
