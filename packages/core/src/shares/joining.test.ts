/** Every way in which somebody might get access to what was shared with another person's address. */
import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { users } from '@turnover/db/schema/accounts';
import { inTransaction } from '@turnover/db/transaction';
import { emailSchema } from '@turnover/domain/people/accounts';
import { emailCodeLifetimeMs } from '@turnover/domain/people/invitations';
import { addAccount, changePassword, createOwner } from '../people/accounts.ts';
import type { Person } from '../context.ts';
import { confirmEmail, newMailedCode, sendEmailCode } from '../people/email-proof.ts';
import {
  acceptInvitation,
  createInvitation,
  describeInvitation,
  newMailedInvitation,
  showInvitationLink,
} from '../projects/invitations.ts';
import {
  createResetLink,
  ensureOwner,
  newMailedReset,
  openSetupLink,
  resetPassword,
} from '../people/links.ts';
import { addMember } from '../projects/members.ts';
import { confirmShare } from './joining.ts';
import { revokeShare } from './revoke.ts';
import { mailedSecret, shareScene, type ShareScene } from '../testing/shares.ts';

const ana = 'ana@example.test';
const password = 'a long enough password';
const account = { name: 'Ana Ruiz', password };

let scene: ShareScene;
beforeEach(async () => {
  scene = await shareScene();
});
afterEach(() => scene.hub.close());

const code = (code: string) => expect.objectContaining({ code });
const namesFor = (person: Person) => scene.received(person).map(({ name }) => name);
const isProved = (person: Person) =>
  scene.hub.db.select().from(users).where(eq(users.id, person.id)).get()!.emailProvedAt !== null;
const withoutMail = () => Object.assign(scene.hub.ctx, { mail: { configured: false } });
const coordinator = () => scene.hub.as(scene.people.coordinator);
const asked = () => scene.notificationsFor(scene.pat.email).filter(({ kind }) => kind === 'share.joined');

/** Pat shares a file with Ana's address, which is invited but has no account. */
function shareWithAna() {
  const shown = scene.inviteByLink(ana);
  const file = scene.file('cut.mov');
  const share = scene.share(file, ana);
  return { shown, file, share };
}

function inviteAna() {
  const input = { projectId: scene.project.id, role: 'partner', email: ana, companyId: null } as const;
  return createInvitation(coordinator(), input);
}

async function joinUnproved(): Promise<Person> {
  const { shown } = shareWithAna();
  return (await acceptInvitation(scene.hub.ctx, shown, account)).person;
}

describe('an invitation', () => {
  test('gives the account the invited address, whatever the form says', async () => {
    const { hub } = scene;
    const { shown } = shareWithAna();
    for (const email of [
      'mallory@example.test',
      'ana@example.com',
      'ana+1@example.test',
      'аna@example.test',
    ]) {
      await expect(acceptInvitation(hub.ctx, shown, { ...account, email })).rejects.toEqual(
        code('email_not_invited'),
      );
    }
    expect(describeInvitation(hub.ctx, shown).email).toBe(ana);
    const { person } = await acceptInvitation(hub.ctx, shown, { ...account, email: ' ANA@example.test ' });
    expect(person.email).toBe(ana);
  });

  test('that was mailed proves the address and hands over the waiting shares', async () => {
    const { hub } = scene;
    const { id } = inviteAna();
    scene.share(scene.file('cut.mov'), ana);
    const { person } = await acceptInvitation(hub.ctx, mailedSecret(hub, id), account);
    expect(isProved(person)).toBe(true);
    expect(namesFor(person)).toEqual(['cut.mov']);
    expect(asked()).toEqual([]);
  });

  test('whose link was shown to its creator proves nothing: the creator opens it and gets nothing', async () => {
    const mallory = await joinUnproved();
    expect(isProved(mallory)).toBe(false);
    expect(namesFor(mallory)).toEqual([]);
  });

  test('still proves the address by its mailed link after a link was shown, but never by the shown link', async () => {
    const { hub } = scene;
    const { id, projectId } = { ...inviteAna(), projectId: scene.project.id };
    scene.share(scene.file('cut.mov'), ana);
    const mailed = mailedSecret(hub, id);
    const { path } = showInvitationLink(coordinator(), { projectId, invitationId: id });
    expect(path).not.toContain(mailed);
    const { person } = await acceptInvitation(hub.ctx, mailed, account);
    expect(namesFor(person)).toEqual(['cut.mov']);
    await expect(acceptInvitation(hub.ctx, path.split('/').at(-1)!, account)).rejects.toEqual(
      code('link_expired'),
    );
  });

  test("that another person accepts reveals nothing about that person's account", async () => {
    const { hub } = scene;
    for (const secret of [scene.invite(ana), scene.inviteByLink(ana)]) {
      const mallory = hub.createPerson({ email: `mallory${secret.slice(0, 5).toLowerCase()}@example.test` });
      scene.share(scene.file(`${mallory.name}.mov`), ana);
      await acceptInvitation(hub.ctx, secret, mallory);
      expect(isProved(mallory)).toBe(false);
      expect(namesFor(mallory)).toEqual([]);
    }
    // The sharer is asked, and sees both addresses.
    expect(asked()[0]?.data).toMatchObject({ invited: ana, email: expect.stringMatching(/^mallory/) });
  });

  test('created before addresses were proved proves nothing', async () => {
    const { hub } = scene;
    const { shown } = shareWithAna();
    hub.db.$client.exec('update invitations set mail_state = null');
    const { person } = await acceptInvitation(hub.ctx, shown, account);
    expect(namesFor(person)).toEqual([]);
  });
});

describe('other ways to create or enter an account', () => {
  test('prove no address', async () => {
    const { hub } = scene;
    const owner = await createOwner(hub.ctx, { name: 'Olga', email: 'olga@example.test', password });
    const added = addAccount(hub.ctx, { name: 'Ben', email: 'ben@example.test' });
    const link = createResetLink(hub.ctx, added.email).split('/').at(-1)!;
    const { person } = await resetPassword(hub.ctx, link, password);
    for (const each of [owner, added, person]) expect(isProved(each)).toBe(false);
    const fresh = await shareScene();
    const setup = (await ensureOwner(fresh.hub.ctx, null))!.split('/').at(-1)!;
    const first = await openSetupLink(fresh.hub.ctx, setup, { ...account, email: ana });
    const row = fresh.hub.db.select().from(users).where(eq(users.id, first.id)).get();
    expect(row?.emailProvedAt).toBeNull();
    fresh.hub.close();
  });

  test('do not bind shares to an unproved address when a coordinator adds its account to the project', () => {
    const { hub, project } = scene;
    const typed = hub.createPerson({ email: ana });
    shareWithAna();
    addMember(coordinator(), { projectId: project.id, userId: typed.id, role: 'partner' });
    expect(namesFor(typed)).toEqual([]);
  });

  test('a mailed reset link proves the address, but a changed password does not', async () => {
    const { hub } = scene;
    const mallory = await joinUnproved();
    const change = { current: password, next: 'another long password', keepTokens: false };
    await changePassword(hub.as(mallory), change);
    expect(namesFor(mallory)).toEqual([]);
    const secret = inTransaction(hub.db, (tx) => newMailedReset(tx, hub.ctx, mallory.id))!;
    await resetPassword(hub.ctx, secret, 'the true Ana chose this');
    expect(isProved(mallory)).toBe(true);
    expect(namesFor(mallory)).toEqual(['cut.mov']);
  });
});

describe('a code', () => {
  const mailedCode = (person: Person) =>
    inTransaction(scene.hub.db, (tx) => newMailedCode(tx, scene.hub.ctx, person.id))!;

  test('proves the address once, however the person types it', async () => {
    const { hub } = scene;
    const person = await joinUnproved();
    const mailed = mailedCode(person);
    expect(JSON.stringify(hub.db.$client.prepare('select * from one_time_links').all())).not.toContain(
      mailed,
    );
    confirmEmail(hub.as(person), ` ${mailed.toLowerCase().replace('-', ' ').replaceAll('0', 'o')} `);
    expect(namesFor(person)).toEqual(['cut.mov']);
    expect(() => confirmEmail(hub.as(person), mailed)).toThrow(code('nothing_changed'));
    expect(() => sendEmailCode(hub.as(person))).toThrow(code('nothing_changed'));
  });

  test('does not work for another person, after its end or when guessed, and guesses are limited', async () => {
    const { hub } = scene;
    const person = await joinUnproved();
    const other = hub.createPerson();
    const ofOther = mailedCode(other);
    const mailed = mailedCode(person);
    for (const wrong of [ofOther, 'AAAA-AAAA', '', '%', mailed.slice(1)]) {
      expect(() => confirmEmail(hub.as(person), wrong)).toThrow(code('code_refused'));
    }
    expect(() => confirmEmail(hub.as(person), mailed)).toThrow(code('throttled'));
    hub.clock.advance(emailCodeLifetimeMs);
    expect(() => confirmEmail(hub.as(person), mailed)).toThrow(code('code_refused'));
    expect(isProved(person)).toBe(false);
    confirmEmail(hub.as(person), mailedCode(person));
    expect(isProved(person)).toBe(true);
  });

  test('is mailed a limited number of times an hour, and not without a mail server', async () => {
    const { hub } = scene;
    const person = await joinUnproved();
    for (let index = 0; index < 5; index++) sendEmailCode(hub.as(person));
    expect(() => sendEmailCode(hub.as(person))).toThrow(code('throttled'));
    expect(scene.notificationsFor(ana).filter(({ kind }) => kind === 'account.code')).toHaveLength(5);
    withoutMail();
    expect(() => sendEmailCode(hub.as(person))).toThrow(code('unavailable'));
  });
});

describe('without a mail server', () => {
  test('the sharer is asked once for all their shares, and the person gets the shares when the sharer confirms', async () => {
    withoutMail();
    const { hub, owner } = scene;
    const { shown, file, share } = shareWithAna();
    const second = scene.share(scene.file('mix.wav'), ana);
    const { person } = await acceptInvitation(hub.ctx, shown, account);
    expect(namesFor(person)).toEqual([]);
    expect(asked()).toMatchObject([
      {
        actorId: person.id,
        userId: scene.pat.id,
        data: {
          count: 2,
          shareIds: expect.arrayContaining([share.id, second.id]),
          email: ana,
          claimantId: person.id,
        },
      },
    ]);
    expect(scene.sharesOf(file)).toMatchObject([
      { claimant: { id: person.id, email: ana }, grantee: { id: null } },
    ]);
    confirmShare(owner, { shareId: share.id, userId: person.id });
    expect(namesFor(person)).toEqual(['cut.mov']);
    expect(scene.sharesOf(file)).toMatchObject([{ claimant: null, grantee: { id: person.id } }]);
    expect(scene.notificationsFor(ana)).toContainEqual(
      expect.objectContaining({ userId: person.id, kind: 'share.received' }),
    );
    expect(() => confirmShare(owner, { shareId: share.id, userId: person.id })).toThrow(
      code('nothing_changed'),
    );
    revokeShare(owner, second.id);
    expect(() => confirmShare(owner, { shareId: second.id, userId: person.id })).toThrow(code('not_found'));
  });

  test('only people who manage the share can confirm, and only for the person they were shown', async () => {
    withoutMail();
    const { hub, owner, cora, stranger } = scene;
    const { shown, share } = shareWithAna();
    const { person } = await acceptInvitation(hub.ctx, shown, account);
    for (const other of [cora, stranger, person, scene.people.coordinator]) {
      expect(() => confirmShare(hub.as(other), { shareId: share.id, userId: person.id })).toThrow(
        code('not_found'),
      );
      expect(() => confirmShare(hub.as(other), { shareId: share.id, userId: other.id })).toThrow(
        code('not_found'),
      );
    }
    expect(() => confirmShare(owner, { shareId: share.id, userId: cora.id })).toThrow(
      code('changed_meanwhile'),
    );
    hub.db.$client.prepare('update users set disabled_at = 1 where id = ?').run(person.id);
    expect(() => confirmShare(owner, { shareId: share.id, userId: person.id })).toThrow(
      code('changed_meanwhile'),
    );
  });

  test('a person who joined with another account gets the shares after a confirmation, under the address of that account', async () => {
    withoutMail();
    const { hub, owner } = scene;
    const { shown, file, share } = shareWithAna();
    const other = hub.createPerson({ email: 'ana.ruiz@work.example' });
    await acceptInvitation(hub.ctx, shown, other);
    expect(asked()).toMatchObject([{ data: { invited: ana, email: 'ana.ruiz@work.example' } }]);
    confirmShare(owner, { shareId: share.id, userId: other.id });
    expect(namesFor(other)).toEqual(['cut.mov']);
    expect(scene.sharesOf(file)).toMatchObject([{ grantee: { email: 'ana.ruiz@work.example' } }]);
  });

  test('bound shares stay bound', async () => {
    const { hub } = scene;
    const typed = hub.createPerson({ email: ana, project: scene.project });
    scene.share(scene.file('cut.mov'), ana);
    withoutMail();
    addMember(coordinator(), { projectId: scene.project.id, userId: hub.createPerson().id, role: 'partner' });
    expect(isProved(typed)).toBe(false);
    expect(namesFor(typed)).toEqual(['cut.mov']);
  });
});

test('sends no link for an invitation that is no longer open', () => {
  const { hub } = scene;
  const { id } = inviteAna();
  hub.clock.advance(30 * 24 * 3600_000);
  expect(inTransaction(hub.db, (tx) => newMailedInvitation(tx, hub.ctx, id))).toBeNull();
});

test('an address that only looks like another one is a different address, or invalid', () => {
  for (const written of ['ana@example.test', 'ANA@EXAMPLE.TEST', ' ana@example.test', 'ana@example.test\n']) {
    expect(emailSchema.parse(written)).toBe(ana);
  }
  const lookAlikes = [
    'аna',
    'ana\u200b',
    'a\u0301na',
    'ａna',
    'ana\u202e',
    'an\u00aaa',
    'ana\u0000',
    'ana+x',
    'an.a',
  ];
  for (const local of lookAlikes) {
    const parsed = emailSchema.safeParse(`${local}@example.test`);
    expect(parsed.data, local).not.toBe(ana);
  }
});
