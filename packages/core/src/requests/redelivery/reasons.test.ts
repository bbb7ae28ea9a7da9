import { afterEach, beforeEach, expect, test } from 'vitest';
import { reasonCodes, type ReasonCode, type ReasonView } from '@turnover/domain/requests/reasons';
import type { PersonContext } from '../../context.ts';
import { askForRedelivery } from './redeliveries.ts';
import { createReason, listReasons, orderReasons, updateReason } from './reasons.ts';
import { refusalOf, requestScene, type RequestScene } from '../../testing/requests.ts';

let scene: RequestScene;
let owner: PersonContext;
beforeEach(async () => {
  scene = await requestScene();
  owner = scene.hub.as(scene.hub.createPerson({ name: 'owner', isOwner: true }));
});
afterEach(() => scene.close());

const shipped = (code: ReasonCode) => ({ name: code, description: 'd', prevention: 'p', cure: 'c' });
const all = (): ReasonView[] => listReasons(scene.hub.db, shipped);
const codes = () => all().map(({ code }) => code);
const find = (code: string) => all().find((reason) => reason.code === code);
const words = { name: 'Wrong slate', description: 'Says 7.', prevention: 'Look.', cure: 'Cut it off.' };
const create = () => createReason(owner, { ...words, severity: 'note', textRequired: false });

function ask(reasons: string[], comment = '') {
  const request = scene.createRequest({ status: 'processed' });
  const coordinator = scene.hub.as(scene.people.coordinator);
  return askForRedelivery(coordinator, request, { reasons, comment, clearExisting: false });
}

test('a new hub has the included reasons, in their order and with their texts', () => {
  expect(codes()).toEqual([...reasonCodes]);
  expect(find('missing_file')).toMatchObject({
    name: 'missing_file',
    severity: 'blocker',
    archived: false,
    ownWords: false,
  });
});

test('a reason of the hub comes last, and can be used for a redelivery', () => {
  const code = create();
  expect(codes()).toEqual([...reasonCodes, code]);
  expect(find(code)).toMatchObject({ ...words, severity: 'note', ownWords: true });
  expect(ask([code]).redelivery?.reasons).toEqual([code]);
});

test('can change the texts and severity of an included reason, and restore the included texts', () => {
  updateReason(owner, { code: 'audio_spec', words, severity: 'note', textRequired: true });
  expect(find('audio_spec')).toMatchObject({
    ...words,
    severity: 'note',
    textRequired: true,
    ownWords: true,
  });
  expect(codes()).toEqual([...reasonCodes]);
  updateReason(owner, { code: 'audio_spec', words: null });
  expect(find('audio_spec')).toMatchObject({ name: 'audio_spec', severity: 'note', ownWords: false });
  const own = create();
  expect(() => updateReason(owner, { code: own, words: null })).toThrow('no included texts');
  expect(() => updateReason(owner, { code: 'rsn_nowhere', archived: true })).toThrow();
});

test('a reason that requires a comment is refused without one', async () => {
  updateReason(owner, { code: 'audio_spec', textRequired: true });
  const refusal = await refusalOf(() => ask(['missing_file', 'audio_spec']));
  expect(refusal).toMatchObject({ code: 'reason_required', details: { reason: 'audio_spec' } });
  expect(ask(['audio_spec'], 'Too loud').status).toBe('redelivery');
});

test('an archived reason is refused, stays listed, and can be offered again', async () => {
  updateReason(owner, { code: 'other', archived: true });
  expect(await refusalOf(() => ask(['other'], 'x'))).toMatchObject({ code: 'invalid_input' });
  expect(find('other')).toMatchObject({ name: 'other', archived: true });
  updateReason(owner, { code: 'other', archived: false });
  expect(ask(['other'], 'x').status).toBe('redelivery');
});

test('the last reason cannot be archived', async () => {
  const [kept, ...others] = reasonCodes;
  for (const code of others) updateReason(owner, { code, archived: true });
  const refusal = await refusalOf(() => updateReason(owner, { code: kept, archived: true }));
  expect(refusal.code).toBe('conflict');
  const own = create();
  updateReason(owner, { code: kept, archived: true });
  expect(await refusalOf(() => updateReason(owner, { code: own, archived: true }))).toMatchObject({
    code: 'conflict',
  });
});

test('the order includes archived reasons, and does not change with later edits', () => {
  updateReason(owner, { code: 'other', archived: true });
  const own = create();
  const wanted = [own, ...[...reasonCodes].reverse()];
  orderReasons(owner, wanted);
  expect(codes()).toEqual(wanted);
  expect(find('other')?.archived).toBe(true);
  expect(find('audio_spec')?.ownWords).toBe(false);
  updateReason(owner, { code: 'audio_spec', severity: 'note' });
  expect(codes()).toEqual(wanted);
  expect(codes().concat(create())).toHaveLength(wanted.length + 1);
  expect(codes().slice(0, -1)).toEqual(wanted);
});

test('refuses an order that omits a reason, or names one twice', async () => {
  const refusals = [[...reasonCodes.slice(1)], [...reasonCodes, 'other'], [...reasonCodes.slice(1), 'other']];
  for (const order of refusals) {
    expect(await refusalOf(() => orderReasons(owner, order))).toMatchObject({ code: 'invalid_input' });
  }
  expect(codes()).toEqual([...reasonCodes]);
});

test('refuses a redelivery without a reason', async () => {
  expect(await refusalOf(() => ask([]))).toMatchObject({ code: 'reason_required' });
});
