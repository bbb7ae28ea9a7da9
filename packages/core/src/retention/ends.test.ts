import { and, eq, isNotNull, isNull } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { entries } from '@turnover/db/schema/entries';
import { notifications } from '@turnover/db/schema/notifications';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { uploads } from '@turnover/db/schema/uploads';
import { dayMs } from '@turnover/domain/days';
import type { Person } from '../context.ts';
import { updateProject } from '../projects/projects.ts';
import {
  askForExtension,
  declineExtension,
  grantExtension,
  listAskedExtensions,
  withdrawExtension,
} from './extensions.ts';
import { expireWorkspaces } from './expiry.ts';
import { warnOfExpiry } from './warnings.ts';
import { expiresAtOf, getRetention } from './ends.ts';
import { trashScene, type TrashScene } from '../testing/trash.ts';

let scene: TrashScene;
/** The time at which the Workspace ends. */
let launchAt: number;
let end: number;
beforeEach(async () => {
  scene = await trashScene();
  launchAt = scene.hub.clock.now - 80 * dayMs;
  end = launchAt + 180 * dayMs;
  updateProject(coordinator(), scene.project, { launchAt });
});
afterEach(() => scene.close());

const coordinator = () => scene.hub.as(scene.people.coordinator);
const to = (at: number) => (scene.hub.clock.now = at);
const warn = () => warnOfExpiry(scene.hub.ctx);
const expire = () => expireWorkspaces(scene.hub.ctx);
/** Sends warnings and expires entries, as the worker does. */
async function pass() {
  return { ...(await warn()), ...(await expire()) };
}
const refused = (code: string) => expect.objectContaining({ code });
const notificationsFor = ({ id }: Person) =>
  scene.hub.db
    .select()
    .from(notifications)
    .all()
    .filter(({ userId }) => userId === id);
/** Returns the names of entries that the hub moved to the trash. */
const expiredNames = () =>
  scene.hub.db
    .select()
    .from(entries)
    .where(and(isNotNull(entries.deletedAt), isNull(entries.deletedBy)))
    .all()
    .map(({ name }) => name)
    .toSorted();
const add = (assetId: string) => {
  const request = scene.createRequest();
  const id = scene.deliver(request, 'delivered.mov');
  scene.hub.db.update(deliveredFiles).set({ assetId }).where(eq(deliveredFiles.id, id)).run();
  return request;
};
const deliver = (assetId: string) => scene.submitRound(add(assetId));

describe('the end of a Workspace', () => {
  test('is the project’s number of days after the launch; without a launch there is no end', () => {
    const { partner } = scene.people;
    expect(expiresAtOf(scene.hub.db, scene.project.id, partner.id)).toBe(end);
    updateProject(coordinator(), scene.project, { retentionDays: 100 });
    expect(getRetention(scene.ctx, { ...scene.project, launchAt, retentionDays: 100 })).toEqual({
      launchAt,
      retentionDays: 100,
      extension: null,
      expiresAt: launchAt + 100 * dayMs,
    });
    updateProject(coordinator(), scene.project, { launchAt: null });
    expect(expiresAtOf(scene.hub.db, scene.project.id, partner.id)).toBeNull();
  });

  test('warns owners of undelivered files 30, 7 and 1 days before, once each', async () => {
    scene.addFile('a.mov');
    const { id } = scene.addFile('gone.mov', null, { owner: scene.people.uploader });
    const { assetId } = scene.addFile('delivered.mov', null, { owner: scene.people.coordinator });
    deliver(assetId);
    scene.trash(id);
    const warned: number[] = [];
    for (const days of [31, 30, 29, 7, 6, 1, 0.5]) {
      to(end - days * dayMs);
      warned.push((await pass()).warned);
    }
    expect(warned).toEqual([0, 1, 0, 1, 0, 1, 0]);
    expect(notificationsFor(scene.people.partner).map(({ data }) => data)).toMatchObject([
      { days: 30, expiresAt: end, files: 1, sizeBytes: 5, href: `/p/${scene.project.id}/workspace` },
      { days: 7 },
      { days: 1 },
    ]);
    expect(notificationsFor(scene.people.uploader)).toEqual([]);
    expect(notificationsFor(scene.people.coordinator)).toEqual([]);
    expect(expiredNames()).toEqual([]);
  });

  test('that was set too late waits until a day after its warning', async () => {
    scene.addFile('a.mov');
    scene.hub.clock.advance(8 * dayMs);
    updateProject(coordinator(), scene.project, { retentionDays: 10 });
    expect(await pass()).toEqual({ warned: 1, expired: 0 });
    const [warning] = notificationsFor(scene.people.partner);
    expect(warning?.data).toMatchObject({ days: 1, expiresAt: scene.hub.clock.now + dayMs });
    scene.hub.clock.advance(dayMs - 1);
    expect(await pass()).toEqual({ warned: 0, expired: 0 });
    scene.hub.clock.advance(1);
    expect(await pass()).toEqual({ warned: 0, expired: 1 });
  });
});

describe('at the end', () => {
  /** Sends the warning a month before, and then moves the clock to the end. */
  async function over(): Promise<{ expired: number }> {
    to(end - 30 * dayMs);
    await warn();
    to(end);
    return expire();
  }

  test('moves undelivered files to the trash, whole folders at once, and nothing twice', async () => {
    const folder = scene.addFolder('Reel');
    scene.addFile('in it.mov', folder);
    scene.addFile('loose.mov');
    scene.addFile('theirs.mov', null, { owner: scene.people.uploader });
    expect(await over()).toEqual({ expired: 3 });
    expect(expiredNames()).toEqual(['Reel', 'loose.mov', 'theirs.mov']);
    expect(await expire()).toEqual({ expired: 0 });
  });

  test('keeps a delivered file at its path, even after its removal from the request, but nothing next to it', async () => {
    const [top, other] = [scene.addFolder('Top'), scene.addFolder('Other')];
    const inside = scene.addFolder('Inside', top);
    const { assetId } = scene.addFile('delivered.mov', inside);
    scene.addFile('beside.mov', inside);
    scene.addFile('above.mov', top);
    scene.addFile('elsewhere.mov', scene.addFolder('Deep', scene.addFolder('Aside', top)));
    scene.addFile('other.mov', other);
    deliver(assetId);
    scene.hub.db.update(deliveredFiles).set({ removedAt: 1, removedRound: 2, removal: 'removed' }).run();
    await over();
    expect(expiredNames()).toEqual(['Aside', 'Other', 'above.mov', 'beside.mov']);
    expect(scene.rowOf(top)).toMatchObject({ deletedAt: null, fileCount: 1 });
  });

  test('does not keep files that were only added to a request or removed before the submit, and warns of them', async () => {
    const { assetId } = scene.addFile('added.mov');
    const removed = scene.addFile('removed.mov');
    add(assetId);
    const request = add(removed.assetId);
    scene.hub.db
      .update(deliveredFiles)
      .set({ removedAt: 1, removedRound: 1, removal: 'removed' })
      .where(eq(deliveredFiles.requestId, request.id))
      .run();
    scene.submitRound(request);
    expect(await over()).toEqual({ expired: 2 });
    expect(notificationsFor(scene.people.partner)[0]?.data).toMatchObject({ files: 2 });
    expect(expiredNames()).toEqual(['added.mov', 'removed.mov']);
  });

  test('treats the frames of a sequence as one unit, which stays if one of them was delivered', async () => {
    const frame = (name: string, number: number) => scene.addFile(`${name}.000${number}.exr`);
    const { assetId } = frame('kept', 1);
    frame('kept', 2);
    frame('gone', 1);
    frame('gone', 2);
    deliver(assetId);
    await over();
    expect(expiredNames()).toEqual(['gone.####.exr', 'kept.0002.exr']);
  });

  test('keeps files that are being verified or uploaded, with their folder', async () => {
    const [arriving, verifying] = [scene.addFolder('Arriving'), scene.addFolder('Verifying')];
    const assetId = scene.createAsset('x', 'verifying');
    scene.addFile('new.mov', verifying, { assetId, state: 'verifying' });
    scene.addFile('old.mov', arriving);
    scene.createUpload(scene.createRequest(), 'sent.mov', 'uploading');
    scene.hub.db.update(uploads).set({ requestId: null, folderId: arriving }).run();
    await over();
    expect(expiredNames()).toEqual(['old.mov']);
  });

  test('keeps new files for a week', async () => {
    scene.addFile('old.mov');
    await over();
    scene.hub.clock.advance(1);
    scene.addFile('new.mov', scene.addFolder('New'));
    scene.hub.clock.advance(7 * dayMs - 1);
    expect(await pass()).toEqual({ warned: 0, expired: 0 });
    scene.hub.clock.advance(1);
    expect(await pass()).toEqual({ warned: 0, expired: 1 });
    expect(expiredNames()).toEqual(['New', 'old.mov']);
  });

  test('moves a thousand loose files in batches', async () => {
    const folder = scene.addFolder('Many');
    const { assetId } = scene.addFile('delivered.mov', folder);
    deliver(assetId);
    scene.addMany(folder, 1000);
    expect(await over()).toEqual({ expired: 1000 });
  });
});

describe('more time', () => {
  const ask = (reason = 'The mix is late.') =>
    askForExtension(scene.ctx, { projectId: scene.project.id, reason });
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  const answer = (extensionId: string) => ({
    projectId: scene.project.id,
    extensionId,
    answer: 'As agreed.',
  });
  const grant = (extensionId: string, at: number, as = coordinator()) =>
    grantExtension(as, { ...answer(extensionId), until: day(at), timeZone: 'UTC' });

  test('is asked of the coordinators, one question at a time, and can be withdrawn', () => {
    const { partner, coordinator: other } = scene.people;
    const { id } = ask();
    expect(notificationsFor(other)).toMatchObject([
      { kind: 'retention.asked', actorId: partner.id, data: { reason: 'The mix is late.' } },
    ]);
    expect(() => ask()).toThrow(refused('conflict'));
    expect(listAskedExtensions(coordinator(), scene.project.id)).toMatchObject([
      { id, person: { name: 'partner' }, status: 'asked', decidedBy: null },
    ]);
    const input = { projectId: scene.project.id, extensionId: id };
    expect(() => withdrawExtension(scene.hub.as(scene.people.uploader), input)).toThrow(refused('not_found'));
    withdrawExtension(scene.ctx, input);
    expect(() => withdrawExtension(scene.ctx, input)).toThrow(refused('conflict'));
    expect(listAskedExtensions(coordinator(), scene.project.id)).toEqual([]);
    expect(ask().status).toBe('asked');
  });

  test('moves the end for this person only, and causes new warnings', async () => {
    scene.addFile('a.mov');
    scene.addFile('b.mov', null, { owner: scene.people.uploader });
    to(end - 30 * dayMs);
    await pass();
    const { id } = ask();
    const until = Date.UTC(2026, 9, 1);
    grant(id, until);
    expect(() => grant(id, until)).toThrow(refused('conflict'));
    expect(notificationsFor(scene.people.partner).at(-1)).toMatchObject({
      kind: 'retention.granted',
      data: { until, answer: 'As agreed.' },
    });
    expect(getRetention(scene.ctx, { ...scene.project, launchAt, retentionDays: 180 })).toMatchObject({
      expiresAt: until,
      extension: { id, status: 'granted', until, decidedBy: { name: 'coordinator' } },
    });
    to(end);
    expect(await pass()).toEqual({ warned: 0, expired: 1 });
    expect(expiredNames()).toEqual(['b.mov']);
    to(until - 30 * dayMs);
    expect(await warn()).toEqual({ warned: 1 });
    to(until);
    expect(await pass()).toEqual({ warned: 0, expired: 1 });
  });

  test('is in time even when it is granted during the expiry', async () => {
    scene.addFile('a.mov');
    to(end - 30 * dayMs);
    await warn();
    to(end);
    const running = expire();
    grant(ask().id, end + 10 * dayMs);
    expect(await running).toEqual({ expired: 0 });
  });

  test('begins at the start of the day in the time zone of the person who grants it', () => {
    const { id } = ask();
    grantExtension(coordinator(), { ...answer(id), until: '2026-12-01', timeZone: 'America/Bogota' });
    expect(expiresAtOf(scene.hub.db, scene.project.id, scene.people.partner.id)).toBe(
      Date.UTC(2026, 11, 1, 5),
    );
  });

  test('must not shorten the time or end in the past; the question then stays open', () => {
    const { id } = ask();
    expect(() => grant(id, end - dayMs)).toThrow(refused('expiry_refused'));
    expect(() => grant(id, scene.hub.clock.now - dayMs)).toThrow(refused('expiry_refused'));
    expect(listAskedExtensions(coordinator(), scene.project.id)).toHaveLength(1);
  });

  test('when it is declined, leaves the end unchanged and notifies the person', () => {
    const { id } = ask();
    declineExtension(coordinator(), answer(id));
    expect(getRetention(scene.ctx, { ...scene.project, launchAt, retentionDays: 180 })).toMatchObject({
      expiresAt: end,
      extension: { status: 'declined', answer: 'As agreed.' },
    });
    expect(notificationsFor(scene.people.partner)).toMatchObject([{ kind: 'retention.declined' }]);
    const elsewhere = { ...answer(id), projectId: scene.hub.createProject().id };
    expect(() => declineExtension(coordinator(), elsewhere)).toThrow(refused('not_found'));
  });

  test('cannot be asked for when nothing expires', () => {
    updateProject(coordinator(), scene.project, { launchAt: null });
    expect(() => ask()).toThrow(refused('conflict'));
  });
});
