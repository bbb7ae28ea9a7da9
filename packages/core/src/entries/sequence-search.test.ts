import { expect, test } from 'vitest';
import { findInWorkspaceInput, listWorkspaceInput } from '@turnover/domain/workspace/entries';
import { createShareInput, listSharedInput } from '@turnover/domain/workspace/shares';
import { listRequestFiles } from '../requests/files/list.ts';
import { currentRequest } from '../requests/transitions.ts';
import { listReceived } from '../shares/received.ts';
import { createShares } from '../shares/create.ts';
import { requestScene } from '../testing/requests.ts';
import { findInWorkspace, listWorkspace } from './list.ts';

test('finds a sequence by its frames in a shared folder, in the find bar and in a request', async () => {
  const scene = await requestScene();
  const { partner, uploader } = scene.people;
  const projectId = scene.project.id;
  const request = scene.createRequest();
  for (const frame of [1001, 1002]) {
    scene.createEntry(partner, `shot.${frame}.exr`, { assetId: scene.createAsset('x') });
    scene.deliver(request, `reel/shot.${frame}.exr`, partner);
  }
  const ctx = scene.hub.as(partner);
  const [row] = listWorkspace(ctx, listWorkspaceInput.parse({ projectId })).entries;
  await createShares(
    ctx,
    createShareInput.parse({ projectId, entryIds: [row!.id], people: [uploader.email] }),
  );

  const received = (filter: string) =>
    listReceived(scene.hub.as(uploader), listSharedInput.parse({ projectId, filter })).total;
  expect(['1002', 'shot.1003.exr', 'shot.%04d.exr'].map(received)).toEqual([1, 0, 1]);
  const find = async (text: string) =>
    (await findInWorkspace(ctx, findInWorkspaceInput.parse({ projectId, text }))).matches;
  expect([await find('1002'), await find('1003')]).toEqual([1, 0]);
  const delivered = (search: string) =>
    listRequestFiles(ctx, currentRequest(scene.hub.db, request.id), { search, limit: 10 }).total;
  expect(['reel/shot.####.exr', 'shot.####.dpx', 'shot.1002'].map(delivered)).toEqual([2, 0, 1]);
  scene.close();
});
