/** The way from a project to an entry that a player shows. */
import type { ProjectView } from '@turnover/domain/people/projects';
import type { EntryDetailsView } from '@turnover/domain/workspace/entries';
import * as m from '@turnover/messages/messages';

type Crumb = { label: string; href?: string };

export function entryCrumbs(
  { id, name }: Pick<ProjectView, 'id' | 'name'>,
  { access, parentId }: Pick<EntryDetailsView, 'access' | 'parentId'>,
  label: string,
): Crumb[] {
  const workspace = `/p/${id}/workspace`;
  return [
    { label: name, href: workspace },
    access.isOwner
      ? { label: m.workspace_mine(), href: workspace }
      : { label: m.workspace_shared_section(), href: `${workspace}?shared` },
    ...(parentId === null ? [] : [{ label: m.player_folder(), href: `${workspace}/${parentId}` }]),
    { label },
  ];
}
