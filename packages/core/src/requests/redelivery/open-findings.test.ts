import { afterEach, beforeEach, expect, test } from 'vitest';
import { maxFindings, maxOpenFindings, type FindingInput } from '@turnover/domain/requests/findings';
import type { Role } from '@turnover/domain/people/projects';
import type { DeliveryRequest } from '../../access.ts';
import { refusalOf, requestScene, type RequestScene } from '../../testing/requests.ts';
import { acceptRequest, reopenRequest, reviewAndSubmit } from '../actions.ts';
import { getRequest } from '../edit.ts';
import { renameFile } from '../files/files.ts';
import { answerFinding, checkFinding } from './findings.ts';
import { updateReason } from './reasons.ts';
import { askForRedelivery } from './redeliveries.ts';

let scene: RequestScene;
let request: DeliveryRequest;
let mix: string;
let stems: string;
beforeEach(async () => {
  scene = await requestScene();
  request = scene.createRequest();
  mix = scene.deliver(request, 'mix.wav');
  stems = scene.deliver(request, 'stems.wav', scene.people.uploader);
  await deliverAgain();
});
afterEach(() => scene.close());

const as = (role: Role) => scene.hub.as(scene.people[role]);
const viewFor = (role: Role) => getRequest(as(role), request.id);
const findingsFor = (role: Role) => viewFor(role).redelivery!.pins;
const idOf = (note: string) => findingsFor('coordinator').find((finding) => finding.note === note)!;
/** The open findings of the present round, as their notes with the round in which each was found. */
const carried = (role: Role = 'coordinator') => findingsFor(role).map(({ note, round }) => [note, round]);

async function deliverAgain(): Promise<void> {
  scene.deliverMore(request);
  await reviewAndSubmit(as('partner'), request);
  scene.put(request, 'processed');
}

/** Asks for a redelivery with one finding per reason, which uses the reason as its note. */
function ask(...reasons: string[]): void {
  askWith(reasons.map((reason) => ({ reason, note: reason })));
}

function askWith(pins: Partial<FindingInput>[], reasons: string[] = ['other']): void {
  const blank = { fileId: null, timecodeIn: null, timecodeOut: null, note: '' };
  askForRedelivery(as('coordinator'), request, {
    reasons,
    comment: 'Please',
    clearExisting: false,
    pins: pins.map((pin) => ({ reason: 'audio_spec', ...blank, ...pin })),
  });
}

test('carries unresolved findings and their answers over from round to round until they are resolved', async () => {
  ask('audio_spec', 'timed_text');
  answerFinding(as('partner'), idOf('audio_spec'), 'best_possible', 'The recording has no more');
  await deliverAgain();
  checkFinding(as('reviewer'), idOf('timed_text'), true);
  ask('wrong_file');
  expect(carried()).toEqual([
    ['audio_spec', 1],
    ['wrong_file', 2],
  ]);
  expect(idOf('audio_spec').answer).toMatchObject({ is: 'best_possible', by: { name: 'partner' } });
  answerFinding(as('partner'), idOf('audio_spec'), 'fixed', '');
  await deliverAgain();
  expect(carried()).toEqual([
    ['audio_spec', 1],
    ['wrong_file', 2],
  ]);
  checkFinding(as('reviewer'), idOf('audio_spec'), true);
  expect(idOf('audio_spec')).toMatchObject({ answer: { is: 'fixed' }, checked: { round: 3 } });
  ask();
  expect(carried()).toEqual([['wrong_file', 2]]);
});

test('cannot reopen a finding that an earlier round resolved', async () => {
  ask('audio_spec');
  const first = idOf('audio_spec');
  await deliverAgain();
  checkFinding(as('coordinator'), first, true);
  ask();
  await deliverAgain();
  for (const checked of [true, false]) {
    expect(await refusalOf(() => checkFinding(as('coordinator'), first, checked))).toMatchObject({
      code: 'status_forbids',
    });
  }
});

test('an open blocker prevents accepting for everybody, and other findings do not', async () => {
  ask('audio_spec', 'wrong_version', 'timed_text', 'creative_change');
  await deliverAgain();
  const refusal = { code: 'findings_open', details: { count: 2 } };
  for (const role of ['coordinator', 'reviewer'] as const) {
    expect(viewFor(role).possible.accept).toEqual(refusal);
    expect(await refusalOf(() => acceptRequest(as(role), request))).toMatchObject(refusal);
  }
  checkFinding(as('reviewer'), idOf('audio_spec'), true);
  expect(viewFor('reviewer').possible.accept).toMatchObject({ details: { count: 1 } });
  ask();
  await deliverAgain();
  expect(viewFor('reviewer').possible.accept).toMatchObject({ details: { count: 1 } });
  checkFinding(as('reviewer'), idOf('wrong_version'), true);
  expect(acceptRequest(as('reviewer'), request).status).toBe('accepted');
  // When it is reopened, it prevents accepting again.
  reopenRequest(as('coordinator'), request);
  checkFinding(as('reviewer'), idOf('wrong_version'), false);
  expect(viewFor('coordinator').possible.accept).toMatchObject({ details: { count: 1 } });
});

test('the current severity of a reason decides whether its findings prevent accepting', async () => {
  ask('timed_text', 'audio_spec');
  await deliverAgain();
  updateReason(as('coordinator'), { code: 'audio_spec', severity: 'note' });
  expect(viewFor('coordinator').possible.accept).toBeNull();
  updateReason(as('coordinator'), { code: 'timed_text', severity: 'blocker', archived: true });
  expect(viewFor('coordinator').possible.accept).toMatchObject({ details: { count: 1 } });
});

test('a blocker on a file that an uploader does not see prevents accepting, but is not shown to them', async () => {
  askWith([
    { fileId: mix, note: 'mix' },
    { fileId: stems, note: 'stems' },
  ]);
  await deliverAgain();
  ask();
  await deliverAgain();
  expect(carried('uploader')).toEqual([['stems', 1]]);
  expect(viewFor('uploader').possible.accept).toMatchObject({ code: 'forbidden' });
  expect(viewFor('coordinator').possible.accept).toMatchObject({ details: { count: 2 } });
});

test('a finding follows its file through renames over several rounds', async () => {
  askWith([{ fileId: mix, note: 'mix' }]);
  const nowId = () => idOf('mix').file;
  const { id: second } = await renameFile(as('partner'), { id: mix }, 'mix_v2.wav');
  expect(nowId()).toEqual({ id: mix, path: 'mix.wav', nowId: second });
  await deliverAgain();
  ask();
  const { id: third } = await renameFile(as('partner'), { id: second }, 'mix_v3.wav');
  expect(nowId()).toEqual({ id: mix, path: 'mix.wav', nowId: third });
  await deliverAgain();
  ask();
  const replacement = scene.deliver(request, 'mix_v3.wav', scene.people.partner, true);
  expect(nowId()).toEqual({ id: mix, path: 'mix.wav', nowId: replacement });
});

test('limits the number of unresolved findings of a request', async () => {
  const many = Array.from({ length: maxFindings }, () => ({ reason: 'timed_text' }));
  for (let asked = 0; asked < maxOpenFindings; asked += maxFindings) {
    askWith(many);
    await deliverAgain();
  }
  expect(findingsFor('coordinator')).toHaveLength(maxOpenFindings);
  const one = await refusalOf(() => ask('timed_text'));
  expect(one).toMatchObject({ code: 'invalid_input', details: { field: 'pins' } });
  ask();
  expect(viewFor('coordinator').status).toBe('redelivery');
});
