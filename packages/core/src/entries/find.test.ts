import { expect, test } from 'vitest';
import { findInWorkspaceInput, listWorkspaceInput } from '@turnover/domain/workspace/entries';
import { requestScene } from '../testing/requests.ts';
import { findInWorkspace, listWorkspace } from './list.ts';

test('finds a text at the same row, whatever the piece size, the order and the filter', async () => {
  const scene = await requestScene();
  const { partner } = scene.people;
  const projectId = scene.project.id;
  for (let number = 0; number < 23; number++) {
    const name = `${['take', 'room', 'Take'][number % 3]} ${number}${number % 4 === 0 ? '' : '.wav'}`;
    const assetId = number % 4 === 0 ? undefined : scene.createAsset('x'.repeat((number * 7) % 5));
    scene.createEntry(partner, name, assetId ? { assetId } : {});
  }
  const ctx = scene.hub.as(partner);
  for (const column of ['name', 'size', 'changed', 'shared', 'state'] as const) {
    for (const descending of [false, true]) {
      for (const filter of ['', 'a', 'take']) {
        const order = { column, descending };
        const rows = listWorkspace(ctx, listWorkspaceInput.parse({ projectId, order, filter })).entries;
        const hits = rows.flatMap(({ id, name }, row) => (/TAKE/i.test(name) ? [{ id, row }] : []));
        for (const from of [0, 9, 22]) {
          const input = findInWorkspaceInput.parse({ projectId, order, filter, text: 'take', from });
          const index = Math.max(
            0,
            hits.findIndex(({ row }) => row >= from),
          );
          const found = { row: hits[index]!.row, number: index + 1, entryId: hits[index]!.id };
          for (const atOnce of [1, 5, 8_000]) {
            expect(await findInWorkspace(ctx, input, atOnce)).toEqual({ matches: hits.length, found });
          }
        }
      }
    }
  }
  scene.close();
});

test('yields to the event loop between two pieces', async () => {
  const scene = await requestScene();
  for (const name of ['a', 'b', 'c', 'd']) scene.createEntry(scene.people.partner, name);
  let turns = 0;
  let pending: NodeJS.Immediate;
  const count = () => {
    turns++;
    pending = setImmediate(count);
  };
  pending = setImmediate(count);
  const input = findInWorkspaceInput.parse({ projectId: scene.project.id, text: 'd' });
  expect((await findInWorkspace(scene.hub.as(scene.people.partner), input, 1)).matches).toBe(1);
  clearImmediate(pending);
  expect(turns).toBeGreaterThanOrEqual(4);
  scene.close();
});
