import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { authenticators } from '@turnover/db/schema/accounts';
import { invitations } from '@turnover/db/schema/projects';
import { requestAssignees } from '@turnover/db/schema/requests';
import { shares } from '@turnover/db/schema/shares';
import { inTransaction } from '@turnover/db/transaction';
import { readCsv } from '@turnover/domain/csv';
import type { AccessPersonView } from '@turnover/domain/people/access-report';
import type { Project } from '../access.ts';
import type { Person } from '../context.ts';
import { addAccount } from '../people/accounts.ts';
import { proveEmail } from '../people/email-proof.ts';
import { beginSession } from '../people/sign-in.ts';
import { createToken, revokeTokensOf } from '../people/tokens.ts';
import { requestScene, type RequestScene } from '../testing/requests.ts';
import { writeAccessCsv, writeProtectionCsv } from './access-documents.ts';
import { describeAccess } from './access-report.ts';
import { acceptInvitation, createInvitation, revokeInvitation } from './invitations.ts';
import { addMember } from './members.ts';

let scene: RequestScene;
let project: Project;
let owner: Person;
let cora: Person;
beforeEach(async () => {
  scene = await requestScene();
  ({ project } = scene);
  const { hub } = scene;
  owner = hub.createPerson({ name: 'Olga', isOwner: true });
  cora = hub.createPerson({ name: 'Cora', project, role: 'coordinator' });
});
afterEach(() => scene.hub.close());

const report = () => describeAccess(scene.hub.ctx, project);
const of = (person: Pick<Person, 'id'>): AccessPersonView =>
  report().people.find(({ user }) => user.id === person.id)!;
const from = { address: '10.0.0.1', userAgent: 'Firefox' };

async function invite(email: string) {
  const input = { projectId: project.id, role: 'partner', email, companyId: null } as const;
  const { id, path } = createInvitation(scene.hub.as(cora), input);
  return { id, secret: path.split('/').at(-1)! };
}

describe('why somebody has access', () => {
  test('names who added a member, and who invited one', async () => {
    const added = scene.hub.createPerson({ name: 'Ada' });
    addMember(scene.hub.as(owner), { projectId: project.id, userId: added.id, role: 'reviewer' });
    const { secret } = await invite('ivo@example.test');
    const account = { name: 'Ivo', email: 'ivo@example.test', password: 'a long enough password' };
    const { person } = await acceptInvitation(scene.hub.ctx, secret, account);
    expect(of(added)).toMatchObject({
      role: 'reviewer',
      origin: 'added',
      by: 'Olga',
      since: scene.hub.clock.now,
    });
    expect(of(person)).toMatchObject({ role: 'partner', origin: 'invited', by: 'Cora' });
  });

  test('lists owners of the hub after the members, and says when one joined', () => {
    const { people } = report();
    expect(people.at(-1)).toMatchObject({ user: { name: 'Olga' }, role: null, isOwner: true, since: null });
    addMember(scene.hub.as(owner), { projectId: project.id, userId: owner.id, role: 'coordinator' });
    expect(of(owner)).toMatchObject({ role: 'coordinator', origin: 'joined', by: null });
  });

  describe('a colleague who came through a share', () => {
    /** The colleague has the shares as soon as they prove their address. */
    function comeBy(...sharers: string[]) {
      const { hub, createEntry, createAsset } = scene;
      const companyId = hub.createCompany().id;
      const colleague = hub.createPerson({ name: 'June', companyId });
      for (const name of sharers) {
        const sharer = hub.createPerson({ name, project, role: 'partner', companyId });
        const entryId = createEntry(sharer, 'cut.mov', { parentId: null, assetId: createAsset('cut.mov') });
        hub.db
          .insert(shares)
          .values({
            id: hub.ctx.newId('share'),
            projectId: project.id,
            entryId,
            sharerId: sharer.id,
            granteeEmail: colleague.email,
            canShare: false,
            canUpdate: false,
            createdAt: hub.clock.now,
            updatedAt: hub.clock.now,
          })
          .run();
      }
      hub.clock.advance(1000);
      inTransaction(hub.db, (tx) => proveEmail(tx, hub.ctx, colleague));
      return colleague;
    }

    test('is named with who shared', () => {
      const june = comeBy('Pat');
      expect(of(june)).toMatchObject({ role: 'workspace', isOwner: false, origin: 'share', by: 'Pat' });
      expect(writeAccessCsv(report())).toContain('"share","Pat"');
    });

    test('is named without who shared when several people had', () => {
      expect(of(comeBy('Pat', 'Tomas'))).toMatchObject({ origin: 'share', by: null });
    });

    test('is not named as invited when they open an invitation later', async () => {
      const june = comeBy('Pat');
      const { secret } = await invite(june.email);
      scene.hub.clock.advance(1000);
      await acceptInvitation(scene.hub.ctx, secret, june);
      expect(of(june)).toMatchObject({ origin: 'share', by: 'Pat' });
    });
  });

  test('does not know who invited somebody before the audit log existed', async () => {
    const { secret } = await invite('ivo@example.test');
    const account = { name: 'Ivo', email: 'ivo@example.test', password: 'a long enough password' };
    const { person } = await acceptInvitation(scene.hub.ctx, secret, account);
    scene.hub.db.$client.exec(`update audit_entries set action = '' where action = 'invitations.accept'`);
    expect(of(person)).toMatchObject({ role: 'partner', origin: 'unknown', by: null });
  });

  test('leaves out people of other projects', () => {
    const other = scene.hub.createPerson({ project: scene.hub.createProject(), role: 'partner' });
    expect(of(other)).toBeUndefined();
  });

  test('counts the deliveries of a person and of their company once each', () => {
    const { hub, createRequest } = scene;
    const company = hub.createCompany();
    const partner = hub.createPerson({ project, role: 'partner', companyId: company.id });
    const [first, second] = [createRequest(), createRequest()];
    const assign = (requestId: string, to: { userId?: string; companyId?: string }) =>
      hub.db
        .insert(requestAssignees)
        .values({ id: hub.ctx.newId('assignee'), requestId, ...to })
        .run();
    assign(first.id, { userId: partner.id });
    assign(first.id, { companyId: company.id });
    assign(second.id, { companyId: company.id });
    expect(of(partner).assigned).toBe(2);
    expect(of(cora).assigned).toBe(0);
  });

  test('lists invitations that are still open', async () => {
    const { id } = await invite('open@example.test');
    const revoked = await invite('revoked@example.test');
    revokeInvitation(scene.hub.as(cora), { projectId: project.id, invitationId: revoked.id });
    expect(report().invitations).toMatchObject([
      { id, email: 'open@example.test', role: 'partner', by: 'Cora' },
    ]);
    scene.hub.db.update(invitations).set({ expiresAt: scene.hub.clock.now }).run();
    expect(report().invitations).toEqual([]);
  });
});

describe('how somebody signs in', () => {
  test('knows the last sign-in, also when it has ended', async () => {
    expect(of(cora)).toMatchObject({ lastSignInAt: null, sessions: 0 });
    // Sessions live by the clock of the system.
    scene.hub.clock.now = Date.now();
    await beginSession(scene.hub.ctx, cora, from);
    expect(of(cora)).toMatchObject({ lastSignInAt: scene.hub.clock.now, sessions: 1 });
    scene.hub.db.$client.exec('delete from sessions');
    expect(of(cora)).toMatchObject({ lastSignInAt: scene.hub.clock.now, sessions: 0 });
  });

  test('knows who has a second factor', () => {
    expect(of(cora).hasSecondFactor).toBe(false);
    scene.hub.db
      .insert(authenticators)
      .values({ userId: cora.id, sealedKey: '', lastStep: 0, createdAt: 0 })
      .run();
    expect(of(cora).hasSecondFactor).toBe(true);
    expect(writeAccessCsv(report())).toContain('"yes"');
  });

  test('counts the API tokens in force', () => {
    createToken(scene.hub.as(cora), { name: 'Watch folder' });
    expect(of(cora)).toMatchObject({ apiTokens: 1, tokenUsedAt: null });
    scene.hub.db.transaction((tx) => revokeTokensOf(tx, scene.hub.ctx, cora.id));
    expect(of(cora).apiTokens).toBe(0);
  });

  test('says that an account is disabled', () => {
    const gone = scene.hub.createPerson({ project, role: 'partner' });
    scene.hub.db.$client.prepare('update users set disabled_at = 1 where id = ?').run(gone.id);
    expect([of(gone).isDisabled, of(cora).isDisabled]).toEqual([true, false]);
  });
});

const cells = (csv: string) =>
  (readCsv(csv) as { records: { cells: string[] }[] }).records.map(({ cells }) => cells);

test('the list of access has a line for each person and open invitation, and runs no formula', async () => {
  const evil = addAccount(scene.hub.ctx, {
    name: '=cmd()',
    email: 'evil@example.test',
    companyId: null,
    passwordHash: null,
  });
  addMember(scene.hub.as(owner), { projectId: project.id, userId: evil.id, role: 'uploader' });
  await invite('open@example.test');
  const csv = writeAccessCsv(report());
  expect(csv).toContain(`"'=cmd()"`);
  const [head, ...lines] = cells(csv);
  const column = (name: string) => lines.map((line) => line[head!.indexOf(name)]);
  expect(column('kind').filter((kind) => kind === 'member')).toHaveLength(lines.length - 2);
  expect(column('kind').slice(-2)).toEqual(['owner of the hub', 'open invitation']);
  expect(column('why')).toContain('uploader: sees assigned deliveries, and only their own files in them');
  expect(column('why')).toContain(
    'owner of the hub: manages people and space, sees no files and deliveries unless they join the project, which is recorded',
  );
});

test('the list of protection counts second factors of those who can sign in', () => {
  const { hub } = scene;
  const gone = hub.createPerson({ project, role: 'partner' });
  hub.db.$client.prepare('update users set disabled_at = 1 where id = ?').run(gone.id);
  for (const { id: userId } of [cora, gone])
    hub.db.insert(authenticators).values({ userId, sealedKey: '', lastStep: 0, createdAt: 0 }).run();
  const active = report().people.length - 1;
  expect(writeProtectionCsv(report(), project, { isEncrypted: true })).toContain(
    `"1 of ${active} people with an account that is not disabled have one"`,
  );
});

test('the list of protection states transport, retention and backups', () => {
  const { hub } = scene;
  const states = (isEncrypted: boolean) =>
    Object.fromEntries(
      cells(writeProtectionCsv(report(), project, { isEncrypted })).map(([what, state]) => [what, state]),
    );
  expect(states(true)).toMatchObject({
    'encryption in transit': 'https at the address of the hub',
    'undelivered files': 'kept until somebody deletes them: the launch is not known',
    'trash and replaced versions': `deleted for good after ${hub.ctx.limits.trashDays} days, their bytes 7 days later`,
    'backups of the database': 'daily, 3 kept',
    'audit log': expect.stringContaining(
      'the hub deletes none; after a restore, the log continues from the time of the backup',
    ),
  });
  project = { ...project, launchAt: Date.UTC(2026, 5, 1), retentionDays: 90 };
  expect(states(false)).toMatchObject({
    'encryption in transit': 'none: the hub is used over plain http',
    launch: '2026-06-01T00:00:00.000Z',
    'undelivered files': 'to the trash 90 days after the launch',
  });
});
