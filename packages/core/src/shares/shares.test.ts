import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eq } from 'drizzle-orm';
import { users } from '@turnover/db/schema/accounts';
import { createShareInput, updateShareInput } from '@turnover/domain/workspace/shares';
import { verifyUpload } from '../uploads/verification.ts';
import { acceptInvitation } from '../projects/invitations.ts';
import type { Person } from '../context.ts';
import { loadEntry } from '../entries/access.ts';
import { removeMember } from '../projects/members.ts';
import { openDownload } from '../assets/downloads.ts';
import { openFolder } from '../entries/list.ts';
import { eventRange, eventsAfter } from '../events.ts';
import { loadShare } from './access.ts';
import { signalEndedShares, warnOfEndingShares } from './endings.ts';
import { explainAccess, listShares } from './list.ts';
import { recordDownloaded, recordOpened, verifyCopy } from '../entries/receipts.ts';
import { checkRecipients, suggestRecipients } from './recipients.ts';
import { createShares, sharing } from './create.ts';
import { previewShareChange, revokeShare } from './revoke.ts';
import { remindOfShare, removeFromList, updateShare } from './shares.ts';
import { refusalOf } from '../testing/requests.ts';
import { mailedSecret, shareScene, type ShareScene } from '../testing/shares.ts';
import { addFromWorkspace } from '../workspace/deliver.ts';
import { removeEntries, removeEntry, restoreEntry } from '../workspace/trash.ts';
import { createFolder, getEntry, renameEntry } from '../workspace/workspace.ts';
import { beginUpload } from '../uploads/uploads.ts';
import { finishUpload } from '../uploads/completion.ts';
import { listTrash } from '../workspace/trash-list.ts';

const dayMs = 24 * 3600_000;
let scene: ShareScene;
beforeEach(async () => {
  scene = await shareScene();
});
afterEach(() => scene.close());

const codeOf = async (work: () => unknown) => (await refusalOf(work)).code;
const sees = (person: Parameters<ShareScene['received']>[0], id: string) =>
  codeOf(() => loadEntry(scene.hub.db, scene.hub.as(person), id)).then(
    () => false,
    () => true,
  );
const update = (ctx: ShareScene['owner'], input: Parameters<typeof updateShareInput.parse>[0]) =>
  updateShare(ctx, updateShareInput.parse(input));

describe('recipients', () => {
  test('suggests names and the part before the @ first, and in an empty field the people shared with most recently', () => {
    const { hub, owner, project, tomas, cora } = scene;
    const named = (name: string, email: string) => {
      const person = hub.createPerson({ name, project, role: 'partner' });
      hub.db.update(users).set({ email }).where(eq(users.id, person.id)).run();
    };
    named('Ada', 'ada@corner.example');
    named('Marcor', 'm@studio.example');
    const suggested = (text: string) =>
      suggestRecipients(owner, { projectId: project.id, text }).map(({ person }) => person?.name);
    expect(suggested('cor')).toEqual(['Cora', 'Marcor', 'Ada']);
    expect(suggested('@studio.ex')).toEqual(['Marcor']);
    named('Eve', 'eve@mail.studio.example');
    expect(suggested('studio').toSorted()).toEqual(['Eve', 'Marcor']);
    expect(suggested('exam')).not.toContain('Ada');
    scene.share(scene.file('cut.mov'), tomas);
    hub.clock.advance(1);
    scene.share(scene.file('mix.wav'), cora);
    expect(suggested('').slice(0, 2)).toEqual(['Cora', 'Tomas']);
  });

  test('are members, and colleagues, who become members; all other addresses get the same refusal', async () => {
    const { hub, owner, project, pat, cora, colleague, stranger, people } = scene;
    scene.invite('soon@example.com');
    const emails = [pat, cora, colleague, stranger, people.reviewer].map(({ email }) => email);
    const asked = [...emails, 'nobody@example.com', 'soon@example.com', cora.email];
    const verdicts = checkRecipients(hub.db, owner, { projectId: project.id, entryIds: [], people: asked });
    expect(verdicts.map(({ verdict }) => verdict)).toEqual([
      'self',
      'member',
      'company',
      'refused',
      'no_workspace',
      'refused',
      'invited',
    ]);
    expect(verdicts[3]).toEqual({ ...verdicts[5], email: stranger.email });
    expect(suggestRecipients(owner, { projectId: project.id, text: 'JU' }).map(({ email }) => email)).toEqual(
      [colleague.email],
    );
    const file = scene.file('cut.mov');
    expect(await refusalOf(() => scene.share(file, stranger))).toEqual({
      code: 'recipient_refused',
      details: { email: stranger.email, verdict: 'refused' },
    });
    scene.share(file, colleague);
    expect(scene.received(colleague)).toMatchObject([
      { name: 'cut.mov', sharedBy: { name: 'Pat' }, isNew: true },
    ]);
  });

  test('get all entries or none, even when there are more than a batch', async () => {
    const { hub, owner, project, pat, cora, tomas } = scene;
    const files = Array.from({ length: 11 }, (_, index) => scene.file(`cut ${index}.mov`));
    const sharing = (entryIds: string[], people: string[], ctx = owner, canUpdate = false) =>
      codeOf(() =>
        createShares(ctx, createShareInput.parse({ projectId: project.id, entryIds, people, canUpdate })),
      );
    expect(await sharing(files, [tomas.email, 'x@y.example'])).toBe('recipient_refused');
    const elsewhere = hub.createProject();
    hub.addMember(elsewhere, pat, 'partner');
    const other = createFolder(owner, { projectId: elsewhere.id, parentId: null, name: 'Elsewhere' });
    expect(await sharing([...files, other.id], [tomas.email])).toBe('not_found');
    for (const id of files) scene.share(id, cora, { canShare: true, canUpdate: true });
    const readOnly = scene.file('locked.mov');
    scene.share(readOnly, cora, { canShare: true });
    expect(await sharing([...files, readOnly], [tomas.email], hub.as(cora), true)).toBe('forbidden');
    expect(scene.received(tomas)).toEqual([]);
    expect(scene.notificationsFor(tomas.email)).toEqual([]);
  });

  test('a person who leaves the project between two batches gets nothing more', async () => {
    const { hub, owner, project, people, tomas } = scene;
    const entryIds = Array.from({ length: 11 }, (_, index) => scene.file(`cut ${index}.mov`));
    const input = createShareInput.parse({ projectId: project.id, entryIds, people: [tomas.email] });
    const count = hub.db.$client.prepare('select count(*) from shares').pluck();
    const work = sharing(owner, input);
    while (count.get() === 0) work.next();
    removeMember(hub.as(people.coordinator), { projectId: project.id, userId: tomas.id });
    expect(await codeOf(() => [...work])).toBe('recipient_refused');
    expect(count.get()).toBe(10);
  });

  test('get many entries in batches that let other work run in between, and one notification each', async () => {
    const { hub, owner, project, cora, tomas } = scene;
    const ids = Array.from({ length: 24 }, (_, index) => scene.file(`cut ${index}.mov`));
    const input = createShareInput.parse({
      projectId: project.id,
      entryIds: ids,
      people: [cora.email, tomas.email],
    });
    const count = hub.db.$client.prepare('select count(*) from shares').pluck();
    const seen = [0];
    for (const _ of sharing(owner, input)) seen.push(count.get() as number);
    const steps = seen.slice(1).map((present, index) => present - seen[index]!);
    expect(seen.at(-1)).toBe(48);
    expect(Math.max(...steps)).toBeLessThanOrEqual(10);
    // Checks everything before it makes the first share.
    expect(seen.filter((present) => present === 0).length).toBeGreaterThan(ids.length);
    const counts = [cora, tomas].map(({ email }) =>
      scene.notificationsFor(email).map(({ data }) => data.count),
    );
    expect(counts).toEqual([[24], [24]]);
    expect(await createShares(owner, input)).toEqual({ shares: 48, pending: [] });
    expect(count.get()).toBe(48);
  });

  test('a change between two batches is refused; people with a part of the entries are notified of that part', async () => {
    const { hub, owner, project, cora, tomas } = scene;
    const ids = Array.from({ length: 24 }, (_, index) => scene.file(`cut ${index}.mov`));
    const input = createShareInput.parse({
      projectId: project.id,
      entryIds: ids,
      people: [cora.email, tomas.email],
    });
    const count = hub.db.$client.prepare('select count(*) from shares').pluck();
    const work = sharing(owner, input);
    while (count.get() === 0) work.next();
    removeEntry(owner, { id: ids[15]!, projectId: project.id });
    expect(await codeOf(() => [...work])).toBe('changed_meanwhile');
    expect(count.get()).toBe(10);
    expect(scene.notificationsFor(cora.email)).toMatchObject([{ data: { count: 10 } }]);
    expect(scene.notificationsFor(tomas.email)).toEqual([]);
    restoreEntry(owner, { id: ids[15]! });
    expect(await createShares(owner, input)).toEqual({ shares: 48, pending: [] });
    expect(count.get()).toBe(48);
  });

  test('an invited person is mailed at once, and gets the share with their account', async () => {
    const secret = scene.invite('new@example.com');
    const file = scene.file('cut.mov');
    const made = scene.share(file, 'new@example.com', { note: 'Hello' });
    expect(made).toMatchObject({ grantee: { id: null, email: 'new@example.com' }, toldAt: null });
    expect(
      scene.notificationsFor('new@example.com').filter(({ kind }) => kind === 'share.received'),
    ).toMatchObject([
      { userId: null, kind: 'share.received', data: { entries: ['cut.mov'], note: 'Hello', pending: true } },
    ]);
    const account = { name: 'New', password: 'a long enough one' };
    const { person } = await acceptInvitation(scene.hub.ctx, secret, account);
    expect(scene.received(person)).toMatchObject([{ name: 'cut.mov' }]);
  });

  test('can be checked only for entries that the person sees', async () => {
    const { hub, cora, owner, project, pat } = scene;
    const entryIds = [scene.file('cut.mov')];
    const input = { projectId: project.id, entryIds, people: [pat.email] };
    expect(await codeOf(() => checkRecipients(hub.db, hub.as(cora), input))).toBe('not_found');
    expect(checkRecipients(hub.db, owner, input)).toMatchObject([{ verdict: 'self' }]);
  });

  test('of a project stay unknown to people who do not share in it', async () => {
    const { hub, owner, cora, people } = scene;
    const theirs = hub.createProject();
    hub.addMember(theirs, cora, 'partner');
    const entryIds = [scene.file('cut.mov')];
    const input = { projectId: theirs.id, entryIds, people: [cora.email], text: 'cora' };
    expect(await codeOf(() => checkRecipients(hub.db, owner, input))).toBe('not_found');
    expect(await codeOf(() => suggestRecipients(owner, input))).toBe('not_found');
    hub.addMember(theirs, people.reviewer, 'reviewer');
    expect(await codeOf(() => suggestRecipients(hub.as(people.reviewer), input))).toBe('forbidden');
  });

  test('an invitation that is revoked or to another company gives no access', async () => {
    const file = scene.file('cut.mov');
    expect(await codeOf(() => scene.share(file, 'later@example.com'))).toBe('recipient_refused');
    const { hub, people, bluedoor, project } = scene;
    const elsewhere = hub.createProject();
    hub.addMember(elsewhere, people.coordinator, 'coordinator');
    const { createInvitation } = await import('../projects/invitations.ts');
    const inviter = hub.as(people.coordinator);
    const invited = { projectId: elsewhere.id, email: 'later@example.com', role: 'partner' as const };
    createInvitation(inviter, { ...invited, companyId: null });
    expect(await codeOf(() => scene.share(file, 'later@example.com'))).toBe('recipient_refused');
    const { id } = createInvitation(inviter, { ...invited, companyId: bluedoor.id });
    scene.share(file, 'later@example.com');
    const account = { name: 'L', email: 'later@example.com', password: 'a long enough one' };
    const { person } = await acceptInvitation(hub.ctx, mailedSecret(hub, id), account);
    expect(scene.received(person)).toMatchObject([{ name: 'cut.mov' }]);
    expect(project.id).not.toBe(elsewhere.id);
  });
});

describe('what a share grants', () => {
  test('allows viewing and downloading, and nothing else by default', async () => {
    const { hub, cora, project } = scene;
    const folder = scene.folder('Mixes');
    const inside = scene.file('mix.wav', folder);
    scene.share(folder, cora);
    const later = scene.file('later.wav', folder);
    const ctx = hub.as(cora);
    for (const id of [inside, later]) expect(openDownload(ctx, id).name).toMatch(/wav$/);
    const input = { projectId: project.id, parentId: folder, name: 'x' };
    for (const forbidden of [
      () => renameEntry(ctx, { id: inside }, 'y.wav'),
      () => removeEntry(ctx, { id: inside, projectId: project.id }),
      () => createFolder(ctx, input),
      () => scene.share(inside, scene.tomas, {}, ctx),
      () => beginUpload(ctx, { ...upload(folder) }),
      () => addFromWorkspace(ctx, scene.createRequest(), { entryIds: [inside], ...plainly }),
    ]) {
      expect(['forbidden', 'not_found']).toContain(await codeOf(forbidden));
    }
    expect(await codeOf(() => renameEntry(ctx, { id: inside }, 'y.wav'))).toBe('forbidden');
    expect(await sees(scene.tomas, inside)).toBe(false);
    expect(await sees(scene.people.coordinator, inside)).toBe(false);
  });

  const upload = (folderId: string) => ({
    projectId: scene.project.id,
    folderId,
    filename: 'new.wav',
    sizeBytes: 0,
    replace: false,
  });
  const plainly = { replace: false, clearExisting: false };

  test('Can update allows renaming, adding, deleting and submitting; added files belong to the owner', async () => {
    const { hub, cora, project, pat } = scene;
    const folder = scene.folder('Mixes');
    const inside = scene.file('mix.wav', folder);
    scene.share(folder, cora, { canUpdate: true });
    const ctx = hub.as(cora);
    expect(renameEntry(ctx, { id: inside }, 'final.wav').name).toBe('final.wav');
    const made = createFolder(ctx, { projectId: project.id, parentId: folder, name: 'Stems' });
    const { uploadId } = await beginUpload(ctx, upload(made.id));
    finishUpload(hub.ctx, uploadId);
    await verifyUpload(hub.ctx, uploadId, { xxh128: 'a'.repeat(32) });
    expect(loadEntry(hub.db, scene.owner, made.id)).toMatchObject({ ownerId: pat.id, fileCount: 1 });
    removeEntry(ctx, { id: inside, projectId: project.id });
    expect(scene.received(cora)).toMatchObject([{ name: 'Mixes' }]);
    const trash = listTrash(scene.owner, { projectId: project.id, limit: 9 }).entries;
    expect(trash).toMatchObject([{ name: 'final.wav', deletedBy: { name: 'Cora' }, folder: ['Mixes'] }]);
    expect(listTrash(ctx, { projectId: project.id, limit: 9 }).entries).toEqual([]);
    restoreEntry(scene.owner, { id: inside });
    expect(openDownload(ctx, inside).name).toBe('final.wav');
    removeEntry(ctx, { id: inside, projectId: project.id });
    restoreEntry(ctx, { id: inside });
    const request = scene.createRequest();
    hub.db.$client.prepare('update request_assignees set user_id = ?').run(cora.id);
    expect(await addFromWorkspace(ctx, request, { entryIds: [folder], ...plainly })).toMatchObject({
      added: 2,
      replaced: 0,
    });
  });

  test('an upload ends when the share ends, and goes to the uploader’s own root when the folder is deleted', async () => {
    const { hub, cora, project } = scene;
    const folder = scene.folder('Mixes');
    const made = scene.share(folder, cora, { canUpdate: true });
    const ctx = hub.as(cora);
    const sized = { ...upload(folder), sizeBytes: 1 };
    const { uploadId } = await beginUpload(ctx, sized);
    removeEntry(scene.owner, { id: folder, projectId: project.id });
    const { uploadId: second } = { uploadId };
    hub.db.$client.prepare('update uploads set durable_offset = 1').run();
    finishUpload(hub.ctx, second);
    const rows = hub.db.$client.prepare(
      'select owner_id as owner, parent_id as parent from entries where name = ?',
    );
    expect(rows.all('new.wav')).toEqual([{ owner: cora.id, parent: null }]);
    restoreEntry(scene.owner, { id: folder });
    const third = await beginUpload(ctx, sized);
    revokeShare(scene.owner, made.id);
    hub.db.$client.prepare('update uploads set durable_offset = 1').run();
    expect(await codeOf(() => finishUpload(hub.ctx, third.uploadId))).toBe('not_found');
  });
});

describe('sharing a shared entry again', () => {
  test('never gives more rights or time than the person has, and ends with the share it depends on', async () => {
    const { hub, cora, tomas } = scene;
    const folder = scene.folder('Mixes');
    const inside = scene.file('mix.wav', folder);
    const first = scene.share(folder, cora, { canShare: true, expiresOn: '2026-02-01' });
    const ctx = hub.as(cora);
    expect((await refusalOf(() => scene.share(inside, tomas, { canUpdate: true }, ctx))).details.need).toBe(
      'update',
    );
    expect(
      (await refusalOf(() => scene.share(inside, tomas, { expiresOn: '2026-02-02' }, ctx))).details.why,
    ).toBe('beyond');
    const second = scene.share(inside, tomas, { canShare: true }, ctx);
    const more = await refusalOf(() => update(ctx, { shareId: second.id, canUpdate: true }));
    expect(more.details.need).toBe('update');
    expect(scene.received(tomas)).toMatchObject([
      { name: 'mix.wav', until: Date.UTC(2026, 1, 1), canUpdate: false },
    ]);
    expect(scene.sharesOf(inside).map(({ grantee, parentId }) => [grantee.name, parentId])).toEqual([
      ['Tomas', first.id],
      ['Cora', null],
    ]);
    expect(listShares(hub.as(tomas), loadEntry(hub.db, hub.as(tomas), inside)).shares).toMatchObject([
      { id: second.id },
    ]);
    expect(previewShareChange(scene.owner, first)).toEqual({
      fallAway: [{ name: 'Tomas', entry: 'mix.wav' }],
    });
    const explained = explainAccess(scene.owner, loadEntry(hub.db, scene.owner, inside));
    expect(explained.map(({ person, chains }) => [person.name, chains.map((chain) => chain.length)])).toEqual(
      [
        ['Pat', []],
        ['Cora', [1]],
        ['Tomas', [2]],
      ],
    );
    update(scene.owner, { shareId: first.id, canShare: false });
    expect(await sees(tomas, inside)).toBe(false);
    update(scene.owner, { shareId: first.id, canShare: true });
    expect(await sees(tomas, inside)).toBe(false);
    scene.share(inside, tomas, {}, ctx);
    revokeShare(scene.owner, first.id);
    for (const person of [cora, tomas]) expect(await sees(person, inside)).toBe(false);
  });

  test('keeps those limits for the owner too, and notifies people who lose access with it', async () => {
    const { hub, cora, tomas, owner } = scene;
    const file = scene.file('cut.mov');
    const first = scene.share(file, cora, { canShare: true, expiresOn: '2026-02-01' });
    const second = scene.share(file, tomas, {}, hub.as(cora));
    const beyond = await refusalOf(() => update(owner, { shareId: second.id, canUpdate: true }));
    expect(beyond.details.need).toBe('update');
    const later = await refusalOf(() =>
      update(owner, { shareId: second.id, expiresOn: '2026-02-02', timeZone: 'UTC' }),
    );
    expect(later.details.why).toBe('beyond');
    revokeShare(owner, first.id);
    for (const { email } of [cora, tomas]) {
      expect(
        scene
          .notificationsFor(email)
          .map(({ kind }) => kind)
          .toSorted(),
      ).toEqual(['share.ended', 'share.received']);
    }
  });

  test('an unsent mail does not mention shares that ended meanwhile', async () => {
    const { cora, tomas, owner, project } = scene;
    const ids = ['a.mov', 'b.mov'].map((name) => scene.file(name));
    await createShares(
      owner,
      createShareInput.parse({ projectId: project.id, entryIds: ids, people: [cora.email, tomas.email] }),
    );
    const ofCora = (entryId: string) =>
      scene.sharesOf(entryId).find(({ grantee }) => grantee.id === cora.id)!;
    const received = ({ email }: Person) =>
      scene.notificationsFor(email).find(({ kind }) => kind === 'share.received')!;
    revokeShare(owner, ofCora(ids[0]!).id);
    expect(received(cora)).toMatchObject({ data: { entries: ['b.mov'], count: 1 } });
    expect(received(cora).mailDueAt).not.toBeNull();
    revokeShare(owner, ofCora(ids[1]!).id);
    expect(received(cora).mailDueAt).toBeNull();
    expect(received(tomas)).toMatchObject({ data: { entries: ['a.mov', 'b.mov'], count: 2 } });
    expect(received(tomas).mailDueAt).not.toBeNull();
  });

  test('hides the folders above a shared entry', async () => {
    const { hub, cora, tomas } = scene;
    const secret = scene.folder('Top secret');
    const inside = scene.file('x.mov', secret);
    scene.share(secret, cora, { canShare: true });
    scene.share(inside, tomas, {}, hub.as(cora));
    const ctx = hub.as(tomas);
    const entry = loadEntry(hub.db, ctx, inside);
    const visible = JSON.stringify([explainAccess(ctx, entry), listShares(ctx, entry), getEntry(ctx, entry)]);
    expect(visible).not.toMatch(/secret/i);
    expect(visible).not.toContain(secret);
    expect(listShares(ctx, entry).shares).toMatchObject([{ parentId: null }]);
  });

  test('a share exists for its two sides, but not for other people who see the entry', async () => {
    const { hub, owner, tomas, cora } = scene;
    const folder = scene.folder('Mixes');
    const { id } = scene.share(folder, tomas);
    scene.share(folder, cora);
    const loading = (ctx: ShareScene['owner'], need: 'manage' | 'receive') =>
      codeOf(() => loadShare(hub.db, ctx, id, need));
    expect(loadShare(hub.db, owner, id, 'manage').share.id).toBe(id);
    expect(loadShare(hub.db, hub.as(tomas), id, 'receive').share.id).toBe(id);
    expect([await loading(owner, 'receive'), await loading(hub.as(tomas), 'manage')]).toEqual([
      'forbidden',
      'forbidden',
    ]);
    for (const need of ['manage', 'receive'] as const)
      expect(await loading(hub.as(cora), need)).toBe('not_found');
  });

  test('a cycle of shares does not keep itself in force', async () => {
    const { hub, cora, tomas, owner } = scene;
    const file = scene.file('cut.mov');
    const first = scene.share(file, cora, { canShare: true });
    scene.share(file, tomas, { canShare: true }, hub.as(cora));
    scene.share(file, cora, { canShare: true }, hub.as(tomas));
    scene.share(file, tomas, { canShare: true }, hub.as(cora));
    expect(await sees(tomas, file)).toBe(true);
    revokeShare(owner, first.id);
    for (const person of [cora, tomas]) expect(await sees(person, file)).toBe(false);
  });

  test('is suspended while somebody in the chain is not in the project', async () => {
    const { hub, cora, tomas, project, people } = scene;
    const file = scene.file('cut.mov');
    scene.share(file, cora, { canShare: true });
    scene.share(file, tomas, {}, hub.as(cora));
    const coordinator = hub.as(people.coordinator);
    removeMember(coordinator, { projectId: project.id, userId: cora.id });
    expect(await sees(tomas, file)).toBe(false);
    hub.addMember(project, cora, 'partner');
    expect(await sees(tomas, file)).toBe(true);
  });
});

describe('the end', () => {
  test('comes at the start of the day in the sharer’s time zone', async () => {
    const file = scene.file('cut.mov');
    scene.share(file, scene.cora, { expiresOn: '2026-01-20', timeZone: 'America/New_York' });
    scene.hub.clock.now = Date.UTC(2026, 0, 20, 5) - 1;
    expect(openDownload(scene.hub.as(scene.cora), file).name).toBe('cut.mov');
    scene.hub.clock.now += 1;
    expect(await codeOf(() => openDownload(scene.hub.as(scene.cora), file))).toBe('not_found');
    expect(scene.received(scene.cora)).toEqual([]);
  });

  test('cannot be in the past', async () => {
    const file = scene.file('cut.mov');
    for (const expiresOn of ['2026-01-12', '2025-12-31'])
      expect(await codeOf(() => scene.share(file, scene.cora, { expiresOn }))).toBe('expiry_refused');
  });

  test('is announced to both sides once, a week before, and again when it has moved', () => {
    const file = scene.file('cut.mov');
    const made = scene.share(file, scene.cora, { expiresOn: '2026-01-30' });
    expect(warnOfEndingShares(scene.hub.ctx)).toBe(0);
    scene.hub.clock.advance(12 * dayMs);
    expect(warnOfEndingShares(scene.hub.ctx)).toBe(1);
    expect(warnOfEndingShares(scene.hub.ctx)).toBe(0);
    const ending = (email: string) =>
      scene.notificationsFor(email).filter(({ kind }) => kind === 'share.ending');
    expect(ending(scene.pat.email)).toMatchObject([
      { data: { mine: true, people: ['Cora'], shareIds: [made.id] } },
    ]);
    expect(ending(scene.cora.email)).toMatchObject([{ data: { mine: false, people: ['Pat'] } }]);
    update(scene.owner, { shareId: made.id, expiresOn: '2026-02-06', timeZone: 'UTC' });
    scene.hub.clock.advance(7 * dayMs);
    expect(warnOfEndingShares(scene.hub.ctx)).toBe(1);
    expect(ending(scene.cora.email)).toHaveLength(2);
  });

  test('is announced a day before it comes, not at the moment of sharing', () => {
    const file = scene.file('cut.mov');
    scene.share(file, scene.cora, { expiresOn: '2026-01-15' });
    expect(warnOfEndingShares(scene.hub.ctx)).toBe(0);
    scene.hub.clock.now = Date.UTC(2026, 0, 14);
    expect(warnOfEndingShares(scene.hub.ctx)).toBe(1);
  });

  test('is not announced for a share of less than a day', () => {
    scene.share(scene.file('cut.mov'), scene.cora, { expiresOn: '2026-01-13' });
    scene.hub.clock.now = Date.UTC(2026, 0, 13) - 1;
    expect(warnOfEndingShares(scene.hub.ctx)).toBe(0);
  });

  test('is one notification per person for everything that ends on one day, with a link to the entries', () => {
    const { hub, pat, cora, tomas } = scene;
    const folder = scene.folder('Mixes');
    const inside = scene.file('mix.wav', folder);
    const file = scene.file('cut.mov');
    for (const person of [cora, tomas]) {
      for (const entry of [file, folder]) scene.share(entry, person, { expiresOn: '2026-01-30' });
    }
    scene.share(inside, scene.people.partner, { expiresOn: '2026-01-31' });
    hub.clock.advance(13 * dayMs);
    warnOfEndingShares(hub.ctx);
    const ending = (email: string) =>
      scene.notificationsFor(email).filter(({ kind }) => kind === 'share.ending');
    // Ids of one millisecond are not in order.
    const toPat = ending(pat.email).map(({ data }) => data);
    expect(toPat.sort((a, b) => Number(b.count) - Number(a.count))).toMatchObject([
      { count: 2, entries: ['cut.mov', 'Mixes'], people: ['Cora', 'Tomas'], peopleCount: 2 },
      { count: 1, href: `/p/${scene.project.id}/workspace/${folder}?entry=${inside}` },
    ]);
    for (const { email } of [cora, tomas]) {
      expect(ending(email).map(({ data }) => data)).toMatchObject([{ count: 2, people: ['Pat'] }]);
    }
    expect(ending(scene.people.partner.email)[0]!.data.href).toBe(
      `/p/${scene.project.id}/workspace?shared&entry=${inside}`,
    );
  });
});

describe('the clock', () => {
  const reloaded = (person: Person, after: number) =>
    eventsAfter(scene.hub.db, person, scene.project.id, after, 100).filter(
      ({ kind }) => kind === 'workspace.changed',
    ).length;

  test('ends a share on the open pages of both sides, and of those who got access through the grantee', () => {
    const { hub, cora, tomas, pat } = scene;
    const folder = scene.folder('Mixes');
    const inside = scene.folder('Reel 1', folder);
    scene.share(folder, cora, { canShare: true, expiresOn: '2026-01-20' });
    scene.share(inside, tomas, {}, hub.as(cora));
    const { newest } = eventRange(hub.db);
    const since = hub.clock.now;
    expect(signalEndedShares(hub.ctx, since)).toBe(0);
    hub.clock.now = Date.UTC(2026, 0, 20);
    expect(signalEndedShares(hub.ctx, since)).toBe(1);
    expect([pat, cora, tomas].map((person) => reloaded(person, newest))).toEqual([1, 1, 1]);
    expect(signalEndedShares(hub.ctx, hub.clock.now)).toBe(0);
  });

  test('ends all shares of one midnight, also when they are more than one transaction takes', () => {
    const { hub, cora, tomas } = scene;
    for (const [name, person] of [
      ['A', cora],
      ['B', tomas],
      ['C', cora],
    ] as const) {
      scene.share(scene.folder(name), person, { expiresOn: '2026-01-20' });
    }
    const { newest } = eventRange(hub.db);
    const since = hub.clock.now;
    hub.clock.now = Date.UTC(2026, 0, 20);
    expect(signalEndedShares(hub.ctx, since, 1)).toBe(3);
    expect([cora, tomas].map((person) => reloaded(person, newest))).toEqual([2, 1]);
  });

  test('a formerly shared folder reports that the share ended; other folders do not exist for the person', async () => {
    const { hub, cora, tomas, project } = scene;
    const folder = scene.folder('Mixes');
    const share = scene.share(folder, cora);
    revokeShare(scene.owner, share.id);
    const opened = (person: Person, folderId: string) =>
      refusalOf(() => openFolder(hub.as(person), { projectId: project.id, folderId }));
    expect(await opened(cora, folder)).toEqual({ code: 'not_found', details: { reason: 'share_ended' } });
    expect(await opened(tomas, folder)).toEqual({ code: 'not_found', details: {} });
    removeEntry(scene.owner, { id: folder, projectId: project.id });
    expect(await opened(cora, folder)).toEqual({ code: 'not_found', details: {} });
  });
});

describe('what others do in a Workspace', () => {
  test('notifies the owner when others delete or rename entries, once for a whole deletion, but not of their own actions', async () => {
    const { hub, owner, pat, cora, project } = scene;
    const folder = scene.folder('Mixes');
    const [one, two, three] = ['1.wav', '2.wav', '3.wav'].map((name) => scene.file(name, folder));
    scene.share(folder, cora, { canUpdate: true });
    const before = scene.notificationsFor(pat.email).length;
    renameEntry(hub.as(cora), { id: one! }, 'one.wav');
    hub.clock.advance(1);
    await removeEntries(hub.as(cora), project.id, { entryIds: [one!, two!] });
    removeEntry(owner, { id: three!, projectId: project.id });
    expect(scene.notificationsFor(pat.email).slice(before)).toMatchObject([
      {
        kind: 'entry.renamed',
        actorId: cora.id,
        data: { before: '1.wav', name: 'one.wav', href: `/p/${project.id}/workspace/${folder}?entry=${one}` },
      },
      {
        kind: 'entry.deleted',
        data: { names: ['one.wav', '2.wav'], count: 2, href: `/p/${project.id}/workspace?trash` },
      },
    ]);
  });

  test('removes a reminder from an unsent mail when the share ends', () => {
    const made = scene.share(scene.file('cut.mov'), scene.cora);
    remindOfShare(scene.owner, made.id);
    revokeShare(scene.owner, made.id);
    const waiting = scene.notificationsFor(scene.cora.email).filter(({ mailDueAt }) => mailDueAt !== null);
    expect(waiting.map(({ kind }) => kind)).toEqual(['share.ended']);
  });
});

describe('picked up', () => {
  test('the sharer sees when a share is opened, downloaded and verified', async () => {
    const { hub, cora, owner } = scene;
    const folder = scene.folder('Mixes');
    const inside = scene.file('mix.wav', folder);
    scene.share(folder, cora);
    const ctx = hub.as(cora);
    const state = () => scene.sharesOf(folder)[0]!;
    expect(state()).toMatchObject({ openedAt: null, downloadedAt: null, downloadedFiles: 0 });
    recordOpened(ctx, { id: inside });
    expect(state().openedAt).not.toBeNull();
    for (let time = 0; time < 2; time++) await recordDownloaded(ctx, [inside]);
    await recordDownloaded(owner, [inside]);
    expect(state()).toMatchObject({ downloadedFiles: 1, verifiedAt: null });
    const { assetId } = loadEntry(hub.db, owner, inside);
    hub.db.$client
      .prepare(
        `insert into asset_checksums (asset_id, algorithm, source, value, at) values (?, 'md5', 'computed', ?, 1)`,
      )
      .run(assetId, 'c'.repeat(32));
    const copy = (checksum: string) => verifyCopy(ctx, loadEntry(hub.db, ctx, inside), checksum);
    expect(copy(`md5:${'d'.repeat(32)}`)).toEqual({ matches: false });
    expect(state().verifiedAt).toBeNull();
    expect(copy(`md5:${'c'.repeat(32)}`)).toEqual({ matches: true });
    expect(state().verifiedAt).not.toBeNull();
    expect(await codeOf(() => copy('md5:x'))).toBe('invalid_input');
  });

  test('sends one reminder to somebody who has not picked up the share', async () => {
    const file = scene.file('cut.mov');
    const made = scene.share(file, scene.cora);
    remindOfShare(scene.owner, made.id);
    expect(await codeOf(() => remindOfShare(scene.owner, made.id))).toBe('already_reminded');
    expect(
      scene
        .notificationsFor(scene.cora.email)
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual(['share.received', 'share.reminder']);
    const other = scene.share(file, scene.tomas);
    await recordDownloaded(scene.hub.as(scene.tomas), [file]);
    expect(await codeOf(() => remindOfShare(scene.owner, other.id))).toBe('nothing_changed');
  });

  test('somebody who downloaded one of two files can still be reminded', async () => {
    const folder = scene.folder('Mixes');
    const [one, two] = ['1.wav', '2.wav'].map((name) => scene.file(name, folder));
    const half = scene.share(folder, scene.cora);
    const whole = scene.share(folder, scene.tomas);
    await recordDownloaded(scene.hub.as(scene.cora), [one!]);
    await recordDownloaded(scene.hub.as(scene.tomas), [one!, two!]);
    remindOfShare(scene.owner, half.id);
    expect(await codeOf(() => remindOfShare(scene.owner, whole.id))).toBe('nothing_changed');
  });

  test('an entry that the grantee removed from their list stays shared, and sharing it again brings it back', () => {
    const file = scene.file('cut.mov');
    const made = scene.share(file, scene.cora);
    removeFromList(scene.hub.as(scene.cora), made.id);
    expect(scene.received(scene.cora)).toEqual([]);
    expect(openDownload(scene.hub.as(scene.cora), file).name).toBe('cut.mov');
    scene.share(file, scene.cora);
    expect(scene.received(scene.cora)).toHaveLength(1);
  });

  test('sharing several entries at once causes one notification', () => {
    const files = ['a.wav', 'b.wav', 'c.wav'].map((name) => scene.file(name));
    scene.share(files[0]!, scene.cora, { entryIds: files });
    expect(scene.notificationsFor(scene.cora.email)).toMatchObject([
      { data: { count: 3, entries: ['a.wav', 'b.wav', 'c.wav'] } },
    ]);
  });
});

test('when two people change the same share, the second change is refused', async () => {
  const { hub, cora, owner, project } = scene;
  const folder = scene.folder('Mixes');
  const inside = scene.file('mix.wav', folder);
  scene.share(folder, cora, { canUpdate: true });
  const ctx = hub.as(cora);
  renameEntry(ctx, { id: inside }, 'final.wav', 'mix.wav');
  expect(await refusalOf(() => renameEntry(owner, { id: inside }, 'v2.wav', 'mix.wav'))).toEqual({
    code: 'changed_meanwhile',
    details: { what: 'renamed', name: 'final.wav', by: 'Cora' },
  });
  removeEntry(owner, { id: inside, projectId: project.id });
  expect(await refusalOf(() => renameEntry(ctx, { id: inside }, 'v3.wav'))).toEqual({
    code: 'changed_meanwhile',
    details: { what: 'deleted', name: 'final.wav', by: 'Pat' },
  });
});

test.each([
  ['one frame twice', []],
  ['a frame of a sequence', ['shot.0002.exr', 'shot.0003.exr', 'shot.0004.exr']],
])('a grantee of %s sees no other names in its folder', (_, more) => {
  const folderId = scene.folder('Shots');
  const given = scene.file('shot.0001.exr', folderId);
  for (const name of ['shot.001.exr', ...more]) scene.file(name, folderId);
  scene.share(given, scene.cora);
  const seenBy = (ctx: ShareScene['owner']) => getEntry(ctx, loadEntry(scene.hub.db, ctx, given));
  expect(seenBy(scene.owner).sameFrames).toEqual([['shot.0001.exr', 'shot.001.exr']]);
  const seen = seenBy(scene.hub.as(scene.cora));
  expect(seen).toMatchObject({ sameFrames: [], looksLike: null });
  expect(JSON.stringify(seen)).not.toContain('shot.001.exr');
});

describe('two people edit one share', () => {
  test('the second edit is refused, and the error names who changed what', async () => {
    const { hub, owner, cora, tomas } = scene;
    const id = scene.file('cut.mov');
    const first = scene.share(id, cora, { canShare: true, canUpdate: true });
    const opened = scene.share(id, tomas, { canUpdate: true }, hub.as(cora));
    expect([first.revision, opened.revision]).toEqual([0, 0]);
    update(owner, { shareId: opened.id, canUpdate: false, revision: opened.revision });
    const late = { shareId: opened.id, canUpdate: true, canShare: true, revision: opened.revision };
    expect(await refusalOf(() => update(hub.as(cora), late))).toMatchObject({
      code: 'changed_meanwhile',
      details: { what: 'edited', by: 'Pat', fields: 'canUpdate', revision: 1 },
    });
    update(hub.as(cora), { ...late, canUpdate: false, revision: 1 });
    const after = scene.sharesOf(id).find((share) => share.id === opened.id);
    expect(after).toMatchObject({ canShare: true, canUpdate: false, revision: 2 });
  });

  test('sharing again counts as an edit of the terms only when it changes them', () => {
    const { cora } = scene;
    const id = scene.file('cut.mov');
    scene.share(id, cora);
    expect(scene.share(id, cora, { note: 'Again' }).revision).toBe(0);
    expect(scene.share(id, cora, { canUpdate: true }).revision).toBe(1);
  });
});
