import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { undoRevokeMs } from '@turnover/domain/workspace/shares';
import { entries } from '@turnover/db/schema/entries';
import { eq } from 'drizzle-orm';
import { markNotificationsRead } from '../notifications/inbox.ts';
import { refusalOf } from '../testing/requests.ts';
import { shareScene, type ShareScene } from '../testing/shares.ts';
import { revokeShare } from './revoke.ts';
import { undoRevocation } from './undo.ts';

let scene: ShareScene;
beforeEach(async () => {
  scene = await shareScene();
});
afterEach(() => scene.close());

const names = (person: Parameters<ShareScene['received']>[0]) =>
  scene.received(person).map(({ name }) => name);
const kindsFor = (email: string) => scene.notificationsFor(email).map(({ kind }) => kind);
const codeOf = async (work: () => unknown) => (await refusalOf(work)).code;

/** Pat shares with Cora, who shares the entry again with Tomas. */
function chain() {
  const id = scene.file('cut.mov');
  const first = scene.share(id, scene.cora, { canShare: true });
  const second = scene.share(id, scene.tomas, {}, scene.hub.as(scene.cora));
  return { id, first, second };
}

describe('the undo of a revocation', () => {
  test('restores the share, those that ended with it, and the count; people who have not read of the end are not notified', () => {
    const { hub, owner, cora, tomas } = scene;
    const { id, first } = chain();
    const before = [cora, tomas].map(({ email }) => kindsFor(email));
    revokeShare(owner, first.id);
    expect([names(cora), names(tomas)]).toEqual([[], []]);
    undoRevocation(owner, first.id);
    expect([names(cora), names(tomas)]).toEqual([['cut.mov'], ['cut.mov']]);
    expect([cora, tomas].map(({ email }) => kindsFor(email))).toEqual(before);
    expect(hub.db.select().from(entries).where(eq(entries.id, id)).get()?.shareCount).toBe(2);
  });

  test('notifies people who have read of the end that the share is back', () => {
    const { hub, owner, cora } = scene;
    const { first } = chain();
    hub.clock.advance(1);
    revokeShare(owner, first.id);
    markNotificationsRead(hub.as(cora), { notificationIds: null });
    hub.clock.advance(1);
    undoRevocation(owner, first.id);
    expect(kindsFor(cora.email)).toEqual(['share.received', 'share.ended', 'share.received']);
  });

  test('mails an invited person again, because the mail was withdrawn', () => {
    const { owner } = scene;
    scene.invite('soon@example.com');
    const share = scene.share(scene.file('mix.wav'), 'soon@example.com');
    revokeShare(owner, share.id);
    const due = () =>
      scene
        .notificationsFor('soon@example.com')
        .filter(({ mailDueAt, kind }) => mailDueAt && kind === 'share.received');
    expect(due()).toEqual([]);
    undoRevocation(owner, share.id);
    expect(due()).toMatchObject([{ data: { shareIds: [share.id], count: 1 } }]);
  });

  test('does not restore shares that ended earlier', () => {
    const { hub, owner, cora, tomas } = scene;
    const { first, second } = chain();
    revokeShare(hub.as(cora), second.id);
    hub.clock.advance(1);
    revokeShare(owner, first.id);
    undoRevocation(owner, first.id);
    expect([names(cora), names(tomas)]).toEqual([['cut.mov'], []]);
  });

  test('does not restore shares that were made again in another way since', () => {
    const { hub, owner, cora, tomas } = scene;
    const folderId = scene.folder('Dailies');
    const id = scene.file('cut.mov', folderId);
    const first = scene.share(id, cora, { canShare: true });
    scene.share(id, tomas, {}, hub.as(cora));
    revokeShare(owner, first.id);
    scene.share(folderId, cora, { canShare: true });
    const anew = scene.share(id, tomas, {}, hub.as(cora));
    undoRevocation(owner, first.id);
    const toTomas = scene.sharesOf(id).filter(({ grantee }) => grantee.email === tomas.email);
    expect(toTomas.map(({ id }) => id)).toEqual([anew.id]);
  });

  test('is refused minutes later, after sharing again, and when the share it depends on has ended', async () => {
    const { hub, owner, cora } = scene;
    const { id, first, second } = chain();
    revokeShare(hub.as(cora), second.id);
    revokeShare(owner, first.id);
    expect(await codeOf(() => undoRevocation(hub.as(cora), second.id))).toBe('not_found');
    scene.share(id, cora);
    expect(await codeOf(() => undoRevocation(owner, first.id))).toBe('conflict');

    const late = scene.share(scene.file('mix.wav'), cora);
    revokeShare(owner, late.id);
    hub.clock.advance(undoRevokeMs + 1);
    expect(await codeOf(() => undoRevocation(owner, late.id))).toBe('conflict');
    expect(names(cora)).toEqual(['cut.mov']);
  });

  test('is possible only for the person who revoked the share', async () => {
    const { hub, owner, cora, tomas } = scene;
    const { first, second } = chain();
    revokeShare(hub.as(cora), second.id);
    revokeShare(owner, first.id);
    for (const person of [cora, tomas, scene.stranger]) {
      expect(await codeOf(() => undoRevocation(hub.as(person), first.id))).toBe('not_found');
    }
    expect(await codeOf(() => undoRevocation(owner, second.id))).toBe('not_found');
  });
});
