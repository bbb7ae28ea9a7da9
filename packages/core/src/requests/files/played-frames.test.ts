import { afterEach, beforeEach, expect, test } from 'vitest';
import { eq } from 'drizzle-orm';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { loadDeliveredFile } from '../../access.ts';
import type { Person } from '../../context.ts';
import { requestScene, type RequestScene } from '../../testing/requests.ts';
import { frameFilesOfFile, framesOfFile } from './played-frames.ts';

let scene: RequestScene;
let request: ReturnType<RequestScene['createRequest']>;
beforeEach(async () => {
  scene = await requestScene();
  request = scene.createRequest();
});
afterEach(() => scene.close());

function framesFor(person: Person, fileId: string, round: number | null = null) {
  const ctx = scene.hub.as(person);
  return framesOfFile(ctx, loadDeliveredFile(ctx.db, person, fileId, 'file:view'), round);
}
function numbersFor(person: Person, fileId: string, stretch: { from: number; count: number }) {
  const ctx = scene.hub.as(person);
  const asked = loadDeliveredFile(ctx.db, person, fileId, 'file:view');
  return frameFilesOfFile(ctx, asked, { ...stretch, round: null })?.map(({ frame }) => frame);
}
const numbersIn = (view: ReturnType<typeof framesFor>) => view?.files.map(({ frame }) => frame);

test('finds the sequence of any frame, with its gaps, one file for each number, and a range of numbers', () => {
  const { partner } = scene.people;
  for (const name of ['0999', '999', '1000', '1003']) scene.deliver(request, `b/shot.${name}.exr`);
  const id = scene.deliver(request, 'b/shot.1004.exr');
  scene.deliver(request, 'shot.1001.exr');
  const view = framesFor(partner, id);
  expect(view).toMatchObject({
    folder: 'b',
    name: 'shot.####.exr',
    frames: { first: 999, last: 1004, count: 4, missing: 2, duplicates: 1, gaps: [[1001, 1002]] },
    firstFile: { frame: 999, name: 'shot.0999.exr' },
    wantedRate: null,
  });
  expect(numbersIn(view)).toEqual([999, 1000, 1003, 1004]);
  expect(Object.keys(view!.files[0]!)).toEqual(['id', 'frame', 'name']);
  expect(numbersFor(partner, id, { from: 1000, count: 4 })).toEqual([1000, 1003]);
  expect(numbersFor(partner, id, { from: -5, count: 4 })).toEqual([]);
});

test('returns null for a file that is in no sequence', () => {
  const id = scene.deliver(request, 'plate.0001.exr');
  expect(framesFor(scene.people.partner, id)).toBeNull();
  expect(numbersFor(scene.people.partner, id, { from: 1, count: 9 })).toBeUndefined();
  expect(framesFor(scene.people.partner, scene.deliver(request, 'notes.txt'))).toBeNull();
});

test('shows an uploader only their own frames, and does not allow them the original files', () => {
  const { uploader, partner, coordinator } = scene.people;
  for (const frame of [1, 2, 3]) scene.deliver(request, `a.000${frame}.dpx`, partner);
  const own = [4, 5, 6].map((frame) => scene.deliver(request, `a.000${frame}.dpx`, uploader));
  expect(framesFor(uploader, own[0]!)).toMatchObject({ frames: { count: 3 }, mayShowOriginals: false });
  expect(numbersIn(framesFor(uploader, own[0]!))).toEqual([4, 5, 6]);
  expect(numbersFor(uploader, own[0]!, { from: 1, count: 9 })).toEqual([4, 5, 6]);
  expect(framesFor(coordinator, own[0]!)).toMatchObject({ frames: { count: 6 }, mayShowOriginals: true });
});

test('shows the frames of a round as they were then, even for a frame that was removed later', () => {
  const { db } = scene.hub;
  const ids = [1, 2, 3].map((frame) => scene.deliver(request, `a.000${frame}.dpx`));
  const removed = { removedAt: 1, removal: 'removed' as const, removedRound: 2 };
  db.update(deliveredFiles).set(removed).where(eq(deliveredFiles.id, ids[2]!)).run();
  const { partner } = scene.people;
  expect(numbersIn(framesFor(partner, ids[0]!))).toEqual([1, 2]);
  expect(numbersIn(framesFor(partner, ids[2]!))).toEqual([1, 2, 3]);
  expect(() => framesFor(partner, ids[0]!, 9)).toThrowError(/not/i);
});
