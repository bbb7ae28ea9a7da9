import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FindingInput, FindingView } from '@turnover/domain/requests/findings';
import type { Role } from '@turnover/domain/people/projects';
import type { DeliveryRequest } from '../../access.ts';
import { answerFinding, checkFinding } from './findings.ts';
import { askForRedelivery } from './redeliveries.ts';
import { reviewAndSubmit } from '../actions.ts';
import { removeFiles, renameFile } from '../files/files.ts';
import { requestEvents } from '../history.ts';
import { getRequest } from '../edit.ts';
import { refusalOf, requestScene, type RequestScene } from '../../testing/requests.ts';

let scene: RequestScene;
let request: DeliveryRequest;
let files: { partner: string; uploader: string };
beforeEach(async () => {
  scene = await requestScene();
  request = scene.createRequest();
  files = {
    partner: scene.deliver(request, 'mix.wav'),
    uploader: scene.deliver(request, 'stems.wav', scene.people.uploader),
  };
  await reviewAndSubmit(as('partner'), request);
  scene.put(request, 'processed');
});
afterEach(() => scene.close());

const as = (role: Role) => scene.hub.as(scene.people[role]);
const findingsFor = (role: Role): FindingView[] => getRequest(as(role), request.id).redelivery!.pins;
const findingInput = (facts: Partial<FindingInput> = {}): FindingInput => ({
  reason: 'audio_spec',
  fileId: files.partner,
  timecodeIn: null,
  timecodeOut: null,
  note: '',
  ...facts,
});

function ask(
  pins: FindingInput[],
  facts: { reasons?: string[]; comment?: string; clearExisting?: boolean } = {},
) {
  const asked = { reasons: [], comment: '', clearExisting: false, ...facts };
  return askForRedelivery(as('coordinator'), request, { ...asked, pins });
}

async function deliverAgain(): Promise<void> {
  scene.deliverMore(request);
  await reviewAndSubmit(as('partner'), request);
  scene.put(request, 'processed');
}

test('adds the reasons of findings to the redelivery, and lists findings by file and moment', () => {
  const late = { timecodeIn: '01:00:10:00', timecodeOut: '01:00:12:00', note: 'Too loud' };
  const { redelivery } = ask([
    findingInput({ fileId: files.uploader, reason: 'wrong_version' }),
    findingInput(late),
    findingInput({ timecodeIn: '01:00:02:00' }),
    findingInput({ fileId: null, reason: 'missing_file' }),
  ]);
  expect([...redelivery!.reasons].sort()).toEqual(['audio_spec', 'missing_file', 'wrong_version']);
  expect(findingsFor('coordinator').map(({ file, timecodeIn }) => [file?.path ?? null, timecodeIn])).toEqual([
    [null, null],
    ['mix.wav', '01:00:02:00'],
    ['mix.wav', '01:00:10:00'],
    ['stems.wav', null],
  ]);
  expect(findingsFor('coordinator')[2]).toMatchObject({
    ...late,
    round: 1,
    answer: null,
    checked: null,
    by: { name: 'coordinator' },
  });
});

test('refuses findings at files of another request, or files that are not in the round', async () => {
  const other = scene.createRequest();
  const elsewhere = scene.deliver(other, 'elsewhere.wav');
  expect(await refusalOf(() => ask([findingInput({ fileId: elsewhere })]))).toMatchObject({
    code: 'not_found',
  });
  ask([], { reasons: ['wrong_file'] });
  removeFiles(as('partner'), request, { fileIds: [files.partner] });
  await deliverAgain();
  expect(await refusalOf(() => ask([findingInput()]))).toMatchObject({ code: 'not_found' });
  expect(getRequest(as('coordinator'), request.id).status).toBe('processed');
});

test('findings keep their file when the redelivery removes it', () => {
  expect(ask([findingInput()], { clearExisting: true }).fileCount).toBe(0);
  expect(findingsFor('partner')[0]!.file).toEqual({ id: files.partner, path: 'mix.wav', nowId: null });
});

test("a finding keeps its file's name in the round, and refers to the present file", async () => {
  ask([findingInput(), findingInput({ fileId: files.uploader })]);
  const filesNow = () => findingsFor('partner').map(({ file }) => [file!.path, file!.nowId]);
  expect(filesNow()).toEqual([
    ['mix.wav', files.partner],
    ['stems.wav', files.uploader],
  ]);
  const { id: renamed } = await renameFile(as('partner'), { id: files.partner }, 'mix_v2.wav');
  const replacement = scene.deliver(request, 'stems.wav', scene.people.partner, true);
  // Another file with the old name is not the file of the finding.
  scene.deliver(request, 'mix.wav');
  expect(filesNow()).toEqual([
    ['mix.wav', renamed],
    ['stems.wav', replacement],
  ]);
});

test('an uploader sees and answers only findings about their own files and about the whole delivery', async () => {
  ask([findingInput(), findingInput({ fileId: files.uploader }), findingInput({ fileId: null })]);
  expect(findingsFor('uploader').map(({ file }) => file?.path ?? null)).toEqual([null, 'stems.wav']);
  const foreign = findingsFor('partner').find(({ file }) => file?.path === 'mix.wav')!;
  expect(await refusalOf(() => answerFinding(as('uploader'), foreign, 'fixed', ''))).toMatchObject({
    code: 'not_found',
  });
  answerFinding(as('uploader'), findingsFor('uploader')[1]!, 'fixed', '');
  expect(findingsFor('partner').at(-1)!.answer).toMatchObject({ is: 'fixed', by: { name: 'uploader' } });
});

test('an answer other than "fixed" needs a comment; answers can be changed and withdrawn', async () => {
  ask([findingInput()]);
  const [{ id }] = findingsFor('partner') as [FindingView];
  for (const answer of ['creative_intent', 'best_possible'] as const) {
    expect(await refusalOf(() => answerFinding(as('partner'), { id }, answer, ''))).toMatchObject({
      code: 'reason_required',
      details: { field: 'comment' },
    });
    answerFinding(as('partner'), { id }, answer, 'It is meant to be');
    expect(findingsFor('partner')[0]!.answer).toMatchObject({ is: answer, comment: 'It is meant to be' });
  }
  answerFinding(as('partner'), { id }, null, 'ignored');
  expect(findingsFor('partner')[0]!.answer).toBeNull();
  const kinds = requestEvents(as('coordinator'), request, { limit: 50 });
  expect(kinds.filter(({ kind }) => kind === 'request.pinAnswered')).toHaveLength(3);
});

test('findings can be answered only in Redelivery, and only while unresolved', async () => {
  ask([findingInput()]);
  const [first] = findingsFor('partner') as [FindingView];
  await deliverAgain();
  const { possible } = getRequest(as('partner'), request.id);
  expect(possible.answer).toMatchObject({ code: 'status_forbids' });
  expect(await refusalOf(() => answerFinding(as('partner'), first, 'fixed', ''))).toMatchObject({
    code: 'status_forbids',
  });
  checkFinding(as('reviewer'), first, true);
  ask([findingInput()]);
  expect(await refusalOf(() => answerFinding(as('partner'), first, 'fixed', ''))).toMatchObject({
    code: 'status_forbids',
  });
  expect(getRequest(as('partner'), request.id).possible.answer).toBeNull();
  answerFinding(as('partner'), findingsFor('partner')[0]!, 'fixed', '');
});

test('findings can be resolved when a later round is processed', async () => {
  ask([findingInput()]);
  const [first] = findingsFor('reviewer') as [FindingView];
  const resolve = (role: Role) => refusalOf(() => checkFinding(as(role), first, true));
  expect(await resolve('reviewer')).toMatchObject({ code: 'status_forbids' });
  scene.deliverMore(request);
  await reviewAndSubmit(as('partner'), request);
  expect(await resolve('reviewer')).toMatchObject({ code: 'status_forbids' });
  expect(getRequest(as('reviewer'), request.id).possible.check).toMatchObject({ code: 'status_forbids' });
  scene.put(request, 'processed');
  expect(await resolve('partner')).toMatchObject({ code: 'forbidden' });
  expect(getRequest(as('reviewer'), request.id).possible.check).toBeNull();
  checkFinding(as('reviewer'), first, true);
  expect(findingsFor('partner')[0]!.checked).toMatchObject({ by: { name: 'reviewer' }, round: 2 });
  checkFinding(as('coordinator'), first, false);
  expect(findingsFor('partner')[0]!.checked).toBeNull();
});

test('refuses an answer from people who may not answer', async () => {
  ask([findingInput()]);
  const [finding] = findingsFor('coordinator') as [FindingView];
  expect(await refusalOf(() => answerFinding(as('reviewer'), finding, 'fixed', ''))).toMatchObject({
    code: 'forbidden',
  });
});

test('checks timecodes at the known frame rate, and stores them in full', async () => {
  const at = (timecodeIn: string, facts: Partial<FindingInput> = {}) =>
    findingInput({ timecodeIn, ...facts });
  expect(await refusalOf(() => ask([findingInput(), at('01:00:00:30', { frameRate: '25' })]))).toMatchObject({
    code: 'invalid_input',
    details: { field: 'pins.1.timecodeIn', problem: 'frames', nearest: '01:00:00:24', frameRate: '25' },
  });
  expect(await refusalOf(() => ask([at('00:01:00;00')]))).toMatchObject({
    details: { problem: 'dropped', nearest: '00:01:00;02' },
  });
  ask([at('1:02:03:04', { frameRate: '29.97 DF' }), at('01:02:03:59')]);
  expect(findingsFor('partner').map(({ timecodeIn, frameRate }) => [timecodeIn, frameRate])).toEqual([
    ['01:02:03:59', null],
    ['01:02:03;04', '29.97 DF'],
  ]);
});

test('reads the frame rate from the name of a file', async () => {
  const fileId = scene.deliver(scene.createRequest(), 'elsewhere.wav');
  expect(await refusalOf(() => ask([findingInput({ fileId })]))).toMatchObject({ code: 'not_found' });
  scene.put(request, 'redelivery');
  const named = scene.deliver(request, 'show_v02_23976.L.wav');
  scene.put(request, 'processed');
  expect(
    await refusalOf(() => ask([findingInput({ fileId: named, timecodeIn: '01:00:00:24' })])),
  ).toMatchObject({
    details: { problem: 'frames', nearest: '01:00:00:23', frameRate: '23.976' },
  });
});
