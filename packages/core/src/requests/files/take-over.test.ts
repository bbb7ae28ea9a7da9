import { and, eq, isNull } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { queryClient } from '@turnover/db/testing';
import { assets } from '@turnover/db/schema/assets';
import { deliveredFiles } from '@turnover/db/schema/requests';
import type { Role } from '@turnover/domain/people/projects';
import type { DeliveryRequest } from '../../access.ts';
import { askForRedelivery } from '../redelivery/redeliveries.ts';
import { refusalOf, requestScene, type RequestScene } from '../../testing/requests.ts';
import { takeOverFiles } from './take-over.ts';

let scene: RequestScene;
let request: DeliveryRequest;
let mix: string;

beforeEach(async () => {
  scene = await requestScene();
  request = scene.createRequest();
  mix = scene.deliver(request, 'mix.wav');
  scene.submitRound(request);
  scene.put(request, 'processed');
  askForRedelivery(scene.hub.as(scene.people.coordinator), request, {
    reasons: ['wrong_file'],
    comment: '',
    clearExisting: true,
  });
});
afterEach(() => scene.close());

const take = (role: Role, fileId = mix, path = 'mix.wav') =>
  takeOverFiles(scene.hub.as(scene.people[role]), request, [{ fileId, path }]);
const refusal = (role: Role, fileId = mix, path = 'mix.wav') => refusalOf(() => take(role, fileId, path));
const present = () =>
  scene.hub.db
    .select()
    .from(deliveredFiles)
    .where(and(eq(deliveredFiles.requestId, request.id), isNull(deliveredFiles.removedAt)))
    .all();

test('adds a file of an earlier round with the same bytes, as a new row of the current round', () => {
  const before = scene.hub.db.select().from(deliveredFiles).where(eq(deliveredFiles.id, mix)).get()!;
  expect(take('partner', mix, 'reels/mix_v02.wav')).toEqual({ added: 1 });
  expect(present()).toMatchObject([
    {
      path: 'reels/mix_v02.wav',
      assetId: before.assetId,
      addedRound: 2,
      deliveredBy: scene.people.partner.id,
    },
  ]);
  expect(scene.countersOf(request)).toEqual(scene.recount(request));
});

test('throws not_found for a file that the person may not see', async () => {
  expect(await refusal('uploader')).toMatchObject({ code: 'not_found' });
  expect(await refusal('reviewer')).toMatchObject({ code: 'forbidden' });
  const other = scene.deliver(scene.createRequest(), 'other.wav');
  expect(await refusal('partner', other)).toMatchObject({ code: 'not_found' });
  expect(present()).toEqual([]);
});

test('refuses a taken or invalid name, and a file whose bytes were freed', async () => {
  scene.deliver(request, 'mix.wav');
  expect(await refusal('partner')).toMatchObject({ code: 'name_taken' });
  expect(await refusal('partner', mix, '../mix.wav')).toMatchObject({ code: 'name_invalid' });
  expect(await refusal('partner', mix, '.DS_Store')).toMatchObject({ code: 'rules_unmet' });
  scene.hub.db.update(assets).set({ state: 'freed' }).run();
  expect(await refusal('partner', mix, 'free.wav')).toMatchObject({ code: 'conflict' });
});

test('refuses the name of an upload in progress, and the name of its folder', async () => {
  scene.createUpload(request, 'reels/mix.wav', 'uploading');
  expect(await refusal('partner', mix, 'reels/mix.wav')).toMatchObject({ code: 'name_taken' });
  expect(await refusal('partner', mix, 'reels')).toMatchObject({ code: 'name_taken' });
  expect(await refusal('partner', mix, 'reels/mix.wav/a.wav')).toMatchObject({ code: 'name_taken' });
  expect(take('partner', mix, 'reels/other.wav')).toEqual({ added: 1 });
});

test('uses the same number of queries for many files, because the transaction holds the write lock', () => {
  const prepare = vi.spyOn(queryClient(scene.hub.db), 'prepare');
  const queriesOf = (count: number) => {
    const before = prepare.mock.calls.length;
    const files = Array.from({ length: count }, (_none, index) => ({
      fileId: mix,
      path: `${count}/${index}.wav`,
    }));
    takeOverFiles(scene.hub.as(scene.people.partner), request, files);
    return prepare.mock.calls.length - before;
  };
  const few = queriesOf(2);
  expect(queriesOf(100)).toBe(few);
  prepare.mockRestore();
});
