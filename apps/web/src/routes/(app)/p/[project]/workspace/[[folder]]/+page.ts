import { topics } from '@turnover/domain/events';
import type { EntryOrder } from '@turnover/domain/workspace/entries';
import * as m from '@turnover/messages/messages';
import { windowRows } from '#lib/features/workspace/entry-list.svelte.ts';
import { rememberedOrder } from '#lib/features/workspace/entry-order.ts';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

type Client = ReturnType<typeof createClient>;

/** The address names the section: a folder (own or shared), `?shared` or `?trash`. */
export const load: PageLoad = async ({ fetch, params, url, depends, data }) => {
  const projectId = params.project;
  const trpc = createClient(fetch);
  const order = typeof document === 'undefined' ? data.order : rememberedOrder();
  depends(topics.workspace(projectId));
  if (url.searchParams.has('trash')) return loadTrash(trpc, projectId);
  if (url.searchParams.has('shared')) return loadShared(trpc, projectId, order);
  depends(topics.uploads(), topics.retention(projectId));
  return loadFolder(trpc, projectId, params.folder ?? null, order);
};

async function loadFolder(trpc: Client, projectId: string, folderId: string | null, order: EntryOrder) {
  const [list, uploads, retention, space, sharedCount] = await Promise.all([
    trpc.workspace.list.query({ projectId, folderId, order, limit: windowRows }),
    trpc.uploads.list.query({ projectId }),
    trpc.retention.get.query({ projectId }),
    trpc.uploads.space.query({ projectId }),
    countShared(trpc, projectId),
  ]);
  const title = list.path.at(-1)?.name ?? m.workspace_title();
  return { title, part: 'folder' as const, folderId, order, list, uploads, retention, space, sharedCount };
}

async function loadShared(trpc: Client, projectId: string, order: EntryOrder) {
  const received = await trpc.shares.listReceived.query({ projectId, order });
  const title = m.workspace_shared_section();
  return { title, part: 'shared' as const, order, received, sharedCount: received.total };
}

async function loadTrash(trpc: Client, projectId: string) {
  const [trash, sharedCount] = await Promise.all([
    trpc.workspace.listTrash.query({ projectId }),
    countShared(trpc, projectId),
  ]);
  return { title: m.workspace_trash(), part: 'trash' as const, trash, sharedCount };
}

async function countShared(trpc: Client, projectId: string): Promise<number> {
  return (await trpc.shares.listReceived.query({ projectId, limit: 1 })).total;
}
