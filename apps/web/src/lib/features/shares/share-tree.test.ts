import type { ShareView } from '@turnover/domain/workspace/shares';
import { describe, expect, test } from 'vitest';
import { limitsOf, notPickedUp, partedFor, pickUpOf, treeOf, treesByFolder } from './share-tree.ts';

function share(id: string, over: Partial<ShareView> = {}): ShareView {
  return {
    id,
    entry: { id: 'ent_a', name: 'cut.mov', kind: 'file' },
    grantee: { id: `usr_${id}`, name: id, email: `${id}@x.example`, company: null },
    claimant: null,
    sharer: { id: 'usr_owner', name: 'Pat' },
    parentId: null,
    canShare: false,
    canUpdate: false,
    expiresAt: null,
    expiresOn: null,
    timeZone: null,
    note: '',
    createdAt: 0,
    inForce: true,
    toldAt: 1,
    openedAt: null,
    downloadedAt: null,
    downloadedFiles: 0,
    verifiedAt: null,
    remindedAt: null,
    mayManage: true,
    revision: 0,
    ...over,
  };
}

const shape = (nodes: readonly { share: ShareView; depth: number }[]) =>
  nodes.map(({ share: { id }, depth }) => `${'-'.repeat(depth)}${id}`);

describe('the tree', () => {
  test('puts each share below the one it depends on', () => {
    const shares = [
      share('june', { createdAt: 3 }),
      share('ana', { parentId: 'tomas', createdAt: 4 }),
      share('tomas', { parentId: 'cora', createdAt: 2 }),
      share('cora', { createdAt: 1 }),
    ];
    expect(shape(treeOf(shares))).toEqual(['cora', '-tomas', '--ana', 'june']);
  });

  test('starts with shares whose parent is not in the list', () => {
    expect(shape(treeOf([share('tomas', { parentId: 'elsewhere' })]))).toEqual(['tomas']);
  });

  test('shares of parent folders form one tree for each folder', () => {
    const folder = (id: string) => ({ id, name: id, kind: 'folder' as const });
    const trees = treesByFolder([
      share('cora', { entry: folder('Mixes') }),
      share('june', { entry: folder('Episode 204') }),
      share('tomas', { entry: folder('Mixes'), parentId: 'cora' }),
    ]);
    expect(trees.map(({ folder: { name }, nodes }) => [name, ...shape(nodes)])).toEqual([
      ['Mixes', 'cora', '-tomas'],
      ['Episode 204', 'june'],
    ]);
  });
});

test('separates received shares from given ones', () => {
  const { received, given } = partedFor('usr_cora', [share('cora'), share('tomas'), share('june')]);
  expect(received.map(({ id }) => id)).toEqual(['cora']);
  expect(given.map(({ id }) => id)).toEqual(['tomas', 'june']);
});

test('returns the most advanced step', () => {
  expect(pickUpOf(share('a', { toldAt: null }))).toBe('unnotified');
  expect(pickUpOf(share('a'))).toBe('notified');
  expect(pickUpOf(share('a', { openedAt: 2 }))).toBe('opened');
  expect(pickUpOf(share('a', { downloadedAt: 3 }))).toBe('downloaded');
  expect(pickUpOf(share('a', { downloadedAt: 3, verifiedAt: 4 }))).toBe('verified');
  expect(pickUpOf(share('a', { downloadedAt: 3, inForce: false }))).toBe('ended');
  const invited = { id: null, name: 'a@x.example', email: 'a@x.example', company: null };
  expect(pickUpOf(share('a', { grantee: invited }))).toBe('invited');
});

test('returns the shares that nobody has picked up', () => {
  const folder = { id: 'ent_1', name: 'Mixes', kind: 'folder' } as const;
  const shares = [
    share('notified'),
    share('opened', { openedAt: 1 }),
    share('downloaded', { downloadedAt: 1 }),
    share('some of it', { downloadedAt: 1, downloadedFiles: 1, entry: folder }),
    share('all of it', { downloadedAt: 1, downloadedFiles: 5, entry: folder }),
    share('ended', { inForce: false }),
    share('foreign', { mayManage: false }),
  ];
  const waiting = (files: number | null) => notPickedUp(shares, files).map(({ id }) => id);
  expect(waiting(5)).toEqual(['notified', 'opened', 'some of it']);
  expect(waiting(null)).toEqual(['notified', 'opened']);
});

describe('the limits of a share', () => {
  const cora = share('cora', { canShare: true, expiresAt: 500 });
  const tomas = share('tomas', { parentId: 'cora', canShare: true, canUpdate: true, expiresAt: 300 });
  const ana = share('ana', { parentId: 'tomas' });
  const list = { shares: [ana, tomas], inherited: [cora], limits: null };

  test('are unlimited for a share that the owner gave', () => {
    expect(limitsOf(cora, list, true)).toBeNull();
  });

  test('are the limits of all shares that it depends on', () => {
    expect(limitsOf(ana, list, true)).toEqual({ canShare: true, canUpdate: false, until: 300 });
    expect(limitsOf(tomas, list, true)).toEqual({ canShare: true, canUpdate: false, until: 500 });
  });

  test('include the limits of the caller', () => {
    const limits = { canShare: true, canUpdate: true, until: 200 };
    expect(limitsOf(ana, { ...list, limits }, false)?.until).toBe(200);
    expect(limitsOf(share('june'), { ...list, limits }, false)).toEqual(limits);
  });
});
