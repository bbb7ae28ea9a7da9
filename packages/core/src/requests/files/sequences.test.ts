import { afterEach, beforeEach, expect, test } from 'vitest';
import { listSequences } from './sequences.ts';
import { currentRequest } from '../transitions.ts';
import { requestScene, type RequestScene } from '../../testing/requests.ts';

let scene: RequestScene;
beforeEach(async () => {
  scene = await requestScene();
});
afterEach(() => scene.close());

test('lists the sequences by folder, for each person only with files that they may see', async () => {
  const { uploader, partner, coordinator } = scene.people;
  const request = scene.createRequest();
  for (const frame of [998, 999, 1000, 1003]) scene.deliver(request, `b/shot.${frame}.exr`, partner);
  for (const name of ['shot.0999.exr', 'plate_1920.exr', 'plate_2048.exr'])
    scene.deliver(request, `b/${name}`, partner);
  for (const frame of [1, 3, 5, 7]) scene.deliver(request, `a.000${frame}.dpx`, uploader);
  const listedFor = (by: typeof partner) =>
    listSequences(scene.hub.as(by), currentRequest(scene.hub.db, request.id));
  const all = await listedFor(coordinator);
  expect(all).toMatchObject({
    total: 2,
    sequences: [
      {
        folder: '',
        name: 'a.####.dpx',
        files: 4,
        frames: { first: 1, last: 7, count: 4, step: 2, missing: 0 },
      },
      {
        folder: 'b',
        name: 'shot.###.exr',
        files: 5,
        sameFrames: [['shot.0999.exr', 'shot.999.exr']],
        frames: {
          first: 998,
          last: 1003,
          count: 4,
          step: 1,
          missing: 2,
          duplicates: 1,
          gaps: [[1001, 1002]],
          ranges: [
            [998, 1000],
            [1003, 1003],
          ],
        },
      },
    ],
  });
  expect(all.sequences[1]!.sizeBytes).toBeGreaterThan(0);
  expect((await listedFor(uploader)).sequences.map(({ name }) => name)).toEqual(['a.####.dpx']);
});
