/** Limits on what one person can create repeatedly, and how to get below the limit again. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createInvitation, listInvitations, revokeInvitation } from '../projects/invitations.ts';
import { testHub, type TestHub } from '../testing/hub.ts';
import { refusalOf } from '../testing/requests.ts';
import { createToken, listTokens, revokeToken } from './tokens.ts';

let hub: TestHub;
beforeEach(async () => {
  hub = await testHub();
});
afterEach(() => hub.close());

test('limits the tokens of one person, lists all of them, does not affect others, and revoking one frees a place', async () => {
  const [ana, ben] = [hub.as(hub.createPerson()), hub.as(hub.createPerson())];
  for (let made = 0; made < 500; made++) createToken(ana, { name: `Token ${made}` });
  expect(await refusalOf(() => createToken(ana, { name: 'One more' }))).toEqual({
    code: 'too_many_held',
    details: { what: 'tokens', most: 500 },
  });
  createToken(ben, { name: 'Mine' });
  const tokens = listTokens(ana);
  expect(tokens).toHaveLength(500);
  revokeToken(ana, tokens[7]!.id);
  createToken(ana, { name: 'One more' });
});

test('limits the open invitations of a project, lists all of them, and revoking one frees a place', async () => {
  const [project, other] = [hub.createProject(), hub.createProject()];
  const ctx = hub.as(hub.createPerson({ project, role: 'coordinator' }));
  const invite = (projectId: string, number: number) =>
    createInvitation(ctx, { projectId, email: `p${number}@x.example`, role: 'partner', companyId: null });
  for (let made = 0; made < 1000; made++) invite(project.id, made);
  expect(await refusalOf(() => invite(project.id, 1000))).toEqual({
    code: 'too_many_held',
    details: { what: 'invitations', most: 1000 },
  });
  invite(other.id, 1000);
  const invitations = listInvitations(ctx, project.id);
  expect(invitations).toHaveLength(1000);
  revokeInvitation(ctx, { projectId: project.id, invitationId: invitations[3]!.id });
  invite(project.id, 1000);
});
