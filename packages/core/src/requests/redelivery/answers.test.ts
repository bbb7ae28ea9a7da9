import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Role } from '@turnover/domain/people/projects';
import type { FindingAnswer } from '@turnover/domain/requests/finding-answers';
import type { DeliveryRequest } from '../../access.ts';
import { requestScene, type RequestScene } from '../../testing/requests.ts';
import { reviewAndSubmit } from '../actions.ts';
import { getRequest } from '../edit.ts';
import { viewRound } from '../rounds.ts';
import { currentRequest } from '../transitions.ts';
import { answerFinding } from './findings.ts';
import { askForRedelivery } from './redeliveries.ts';

let scene: RequestScene;
let request: DeliveryRequest;
beforeEach(async () => {
  scene = await requestScene();
  request = scene.createRequest();
  scene.deliver(request, 'mix.wav');
  await submit();
  ask({ reason: 'audio_spec' });
});
afterEach(() => scene.close());

const as = (role: Role) => scene.hub.as(scene.people[role]);
const now = () => getRequest(as('coordinator'), request.id).redelivery!.pins[0]!;

async function submit(): Promise<void> {
  scene.deliverMore(request);
  await reviewAndSubmit(as('partner'), request);
  scene.put(request, 'processed');
}

function ask(...pins: { reason: string }[]): void {
  const blank = { fileId: null, timecodeIn: null, timecodeOut: null, note: '' };
  const found = pins.map((pin) => ({ ...blank, ...pin }));
  const input = { reasons: ['wrong_file'], comment: '', clearExisting: false, pins: found };
  askForRedelivery(as('coordinator'), request, input);
}

function answer(is: FindingAnswer | null, comment = ''): void {
  answerFinding(as('partner'), now(), is, comment);
}

/** The answer that each page shows: the round with the finding, later submitted rounds, and the open round. */
function answers() {
  const round = (number: number) =>
    viewRound(as('coordinator'), currentRequest(scene.hub.db, request.id), number);
  const { round: last } = currentRequest(scene.hub.db, request.id);
  const later = Array.from({ length: last - 2 }, (_, index) => round(index + 2).carried[0]!);
  return [round(1).found[0]!, ...later, now()].map((finding) => {
    return finding.answer && [finding.answer.is, finding.answer.comment, finding.answer.round];
  });
}

test('each round keeps the answer that it was submitted with', async () => {
  answer('best_possible', 'The recording has no more');
  await submit();
  ask();
  // The earlier answer applies until there is a new one.
  const first = ['best_possible', 'The recording has no more', 2];
  expect(answers()).toEqual([first, first, first]);
  answer('fixed', 'Found another recording');
  answer('fixed', 'Found a better recording');
  const second = ['fixed', 'Found a better recording', 3];
  expect(answers()).toEqual([first, first, second]);
  await submit();
  ask();
  answer('creative_intent', 'It is meant to be');
  expect(answers()).toEqual([first, first, second, ['creative_intent', 'It is meant to be', 4]]);
});

test('keeps an answer that is withdrawn later in the rounds that were submitted with it', async () => {
  answer('fixed');
  await submit();
  ask();
  answer(null);
  expect(answers()).toEqual([['fixed', '', 2], ['fixed', '', 2], null]);
  await submit();
  ask();
  answer('fixed', 'Now it is');
  expect(answers()).toEqual([['fixed', '', 2], ['fixed', '', 2], null, ['fixed', 'Now it is', 4]]);
});

test('does not show an answer in rounds before the one in which it was given', async () => {
  await submit();
  ask();
  answer('fixed');
  expect(answers()).toEqual([null, null, ['fixed', '', 3]]);
});

test('withdraws an earlier answer and gives it again before the next submit', () => {
  answer('fixed', 'one');
  answer(null);
  expect(answers()).toEqual([null, null]);
  answer('fixed', 'two');
  expect(answers()).toEqual([
    ['fixed', 'two', 2],
    ['fixed', 'two', 2],
  ]);
  expect(scene.hub.db.$client.prepare('select count(*) from earlier_answers').pluck().get()).toBe(0);
});
