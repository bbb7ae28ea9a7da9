import { topics } from '@turnover/domain/events';
import * as m from '@turnover/messages/messages';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

/** The part of the Workspace and how much of a long folder is shown stand in the address. */
export const load: PageLoad = async ({ fetch, params, url, depends }) => {
  const projectId = params.project;
  const folderId = params.folder ?? null;
  depends(topics.workspace(projectId), topics.uploads());
  const trpc = createClient(fetch);
  if (url.searchParams.has('trash')) {
    const trash = await trpc.workspace.listTrash.query({ projectId });
    return {
      title: m.workspace_trash(),
      section: 'trash' as const,
      folderId: null,
      pages: 1,
      list: empty,
      uploads: [],
      trash,
    };
  }
  const pages = Math.max(1, Number.parseInt(url.searchParams.get('pages') ?? '1') || 1);
  const [list, uploads] = await Promise.all([
    listPages(trpc, { projectId, folderId }, pages),
    trpc.uploads.list.query({ projectId }),
  ]);
  const title = list.path.at(-1)?.name ?? m.workspace_title();
  return { title, section: 'mine' as const, folderId, pages, list, uploads, trash: [] };
};

type Client = ReturnType<typeof createClient>;
type List = Awaited<ReturnType<Client['workspace']['list']['query']>>;

const empty: List = { path: [], entries: [], nextCursor: null };

async function listPages(
  trpc: Client,
  folder: { projectId: string; folderId: string | null },
  pages: number,
): Promise<List> {
  let list = await trpc.workspace.list.query(folder);
  for (let page = 1; page < pages && list.nextCursor; page++) {
    const next = await trpc.workspace.list.query({ ...folder, cursor: list.nextCursor });
    list = { ...next, entries: [...list.entries, ...next.entries] };
  }
  return list;
}
