import { afterEach, beforeEach, expect, test } from 'vitest';
import { eq } from 'drizzle-orm';
import { memberships } from '@turnover/db/schema/projects';
import { notifications } from '@turnover/db/schema/notifications';
import { users } from '@turnover/db/schema/accounts';
import { makeId } from '@turnover/domain/ids';
import { mentionToken } from '@turnover/domain/requests/mentions';
import type { Role } from '@turnover/domain/people/projects';
import type { DeliveryRequest } from '../access.ts';
import { createComment, listComments, mentionablePeople, updateComment } from './comments.ts';
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

test('plain text notifies nobody, whatever names stand in it', () => {
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

test('a token is stored as the id, notifies, and is told with the present name', () => {
  const { reviewer } = scene.people;
  const token = mentionToken(reviewer.id);
  const { text, mentions } = say(`Look, ${token}!`);
  expect([text, mentions.map(({ id }) => id)]).toEqual([`Look, ${token}!`, [reviewer.id]]);
  expect(mentionsOf('reviewer')).toEqual(['Look, @reviewer!']);
  scene.hub.db.update(users).set({ name: 'Renamed' }).where(eq(users.id, reviewer.id)).run();
  expect(listComments(as('partner'), request, { limit: 5 }).comments[0]!.mentions[0]!.name).toBe('Renamed');
});

test('who does not see the request is not found, like who does not exist', async () => {
  const outsider = scene.hub.createPerson({ project: scene.project, role: 'partner' });
  const nobody = makeId('user', 1, new Uint8Array(10));
  for (const id of [outsider.id, scene.people.workspace.id, nobody]) {
    const refusal = { code: 'not_found', details: { field: 'mentions', userId: id } };
    expect(await refusalOf(() => say(mentionToken(id)))).toMatchObject(refusal);
    expect(await refusalOf(() => say('Hello', [id]))).toMatchObject(refusal);
  }
  expect(mentionablePeople(as('coordinator'), request).map(({ id }) => id)).not.toContain(outsider.id);
});

test('a comment is changed also when somebody in it has gone, and only who is new in it is told', () => {
  const [reviewer, partner] = [scene.people.reviewer.id, scene.people.partner.id].map(mentionToken);
  const comment = say(`${reviewer} look`);
  scene.hub.db.delete(memberships).where(eq(memberships.userId, scene.people.reviewer.id)).run();
  updateComment(as('coordinator'), comment, { text: `${reviewer} and ${partner}`, mentions: [] });
  expect([mentionsOf('reviewer').length, mentionsOf('partner').length]).toEqual([1, 1]);
});
