import { afterEach, beforeEach, expect, test } from 'vitest';
import { eq } from 'drizzle-orm';
import { events } from '@turnover/db/schema/events';
import { memberships } from '@turnover/db/schema/projects';
import { notifications } from '@turnover/db/schema/notifications';
import { users } from '@turnover/db/schema/accounts';
import { makeId } from '@turnover/domain/ids';
import { mentionToken } from '@turnover/domain/requests/mentions';
import type { Role } from '@turnover/domain/people/projects';
import type { DeliveryRequest } from '../access.ts';
import { createComment, listComments, mentionablePeople, removeComment, updateComment } from './comments.ts';
import { refusalOf, requestScene, type RequestScene } from '../testing/requests.ts';

let scene: RequestScene;
let request: DeliveryRequest;
beforeEach(async () => {
  scene = await requestScene();
  request = scene.createRequest();
});
afterEach(() => scene.close());

const as = (role: Role) => scene.hub.as(scene.people[role]);
const say = (text: string, mentions: string[] = []) =>
  createComment(as('coordinator'), request, { text, mentions });
const mentionsOf = (role: Role) =>
  scene.hub.db
    .select()
    .from(notifications)
    .where(eq(notifications.userId, scene.people[role].id))
    .all()
    .filter(({ data }) => data.mentioned === true)
    .map(({ data }) => data.note);

test('does not treat names in the plain text as mentions', () => {
  for (const text of [
    'mail ben@reviewer.example',
    '@reviewers',
    '@reviewer Snow',
    '> @reviewer said',
    '@reviewer',
  ])
    expect(say(text).mentions).toEqual([]);
  expect(mentionsOf('reviewer')).toEqual([]);
});

test('stores a mention by id, notifies the person, and returns their current name', () => {
  const { reviewer } = scene.people;
  const token = mentionToken(reviewer.id);
  const { text, mentions } = say(`Look, ${token}!`);
  expect([text, mentions.map(({ id }) => id)]).toEqual([`Look, ${token}!`, [reviewer.id]]);
  expect(mentionsOf('reviewer')).toEqual(['Look, @reviewer!']);
  scene.hub.db.update(users).set({ name: 'Renamed' }).where(eq(users.id, reviewer.id)).run();
  expect(listComments(as('partner'), request, { limit: 5 }).comments[0]!.mentions[0]!.name).toBe('Renamed');
});

test('gives the same error for a mention of somebody who does not see the request as for an unknown person', async () => {
  const outsider = scene.hub.createPerson({ project: scene.project, role: 'partner' });
  const nobody = makeId('user', 1, new Uint8Array(10));
  for (const id of [outsider.id, scene.people.workspace.id, nobody]) {
    const refusal = { code: 'not_found', details: { field: 'mentions', userId: id } };
    expect(await refusalOf(() => say(mentionToken(id)))).toMatchObject(refusal);
    expect(await refusalOf(() => say('Hello', [id]))).toMatchObject(refusal);
  }
  expect(mentionablePeople(as('coordinator'), request).map(({ id }) => id)).not.toContain(outsider.id);
});

test('changes a comment whose mentioned person has left, and notifies only new mentions', () => {
  const [reviewer, partner] = [scene.people.reviewer.id, scene.people.partner.id].map(mentionToken);
  const comment = say(`${reviewer} look`);
  scene.hub.db.delete(memberships).where(eq(memberships.userId, scene.people.reviewer.id)).run();
  updateComment(as('coordinator'), comment, { text: `${reviewer} and ${partner}`, mentions: [] });
  expect([mentionsOf('reviewer').length, mentionsOf('partner').length]).toEqual([1, 1]);
});

test('lists the newest first, page by page', () => {
  const made = ['one', 'two', 'three'].map((text) => {
    scene.hub.clock.now += 1;
    return say(text).id;
  });
  const newest = listComments(as('reviewer'), request, { limit: 2 });
  expect(newest).toMatchObject({ comments: [{ id: made[2] }, { id: made[1] }], more: true });
  const older = listComments(as('reviewer'), request, { before: made[1], limit: 2 });
  expect(older).toMatchObject({ comments: [{ id: made[0] }], more: false });
});

test('only the author changes or deletes a comment', async () => {
  const comment = say('By Friday');
  const change = () => updateComment(as('reviewer'), comment, { text: 'By Monday', mentions: [] });
  expect(await refusalOf(change)).toMatchObject({ code: 'forbidden' });
  expect(await refusalOf(() => removeComment(as('reviewer'), comment))).toMatchObject({ code: 'forbidden' });
  updateComment(as('coordinator'), comment, { text: 'By Monday', mentions: [] });
  expect(listComments(as('reviewer'), request, { limit: 1 }).comments).toMatchObject([
    { text: 'By Monday', editedAt: scene.hub.clock.now, isMine: false },
  ]);
});

test('a deleted comment keeps its place without its text, and cannot be changed', async () => {
  const comment = say('By Friday');
  removeComment(as('coordinator'), comment);
  expect(listComments(as('reviewer'), request, { limit: 1 }).comments).toMatchObject([
    { id: comment.id, text: '', mentions: [], deletedAt: scene.hub.clock.now },
  ]);
  const change = () => updateComment(as('coordinator'), comment, { text: 'By Monday', mentions: [] });
  expect(await refusalOf(change)).toMatchObject({ code: 'conflict' });
});

test('reloads the pages of the request after a change or deletion, but adds nothing to the history', () => {
  const comment = say('By Friday');
  updateComment(as('coordinator'), comment, { text: 'By Monday', mentions: [] });
  removeComment(as('coordinator'), comment);
  const written = scene.hub.db.select().from(events).where(eq(events.requestId, request.id)).all();
  const ofComments = written.filter(({ kind }) => kind.startsWith('request.comment'));
  expect(ofComments.map(({ kind, lasting }) => [kind, lasting])).toEqual([
    ['request.commented', true],
    ['request.commentChanged', false],
    ['request.commentChanged', false],
  ]);
});
