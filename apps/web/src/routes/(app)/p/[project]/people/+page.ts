import { topics } from '@turnover/domain/events';
import { roleGrants } from '@turnover/domain/people/permissions';
import * as m from '@turnover/messages/messages';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

/**
 * Invitations, companies, requests for extensions and storage limits are loaded only for people who manage the project.
 */
export const load: PageLoad = async ({ fetch, params, parent, depends }) => {
  const projectId = params.project;
  depends(topics.members(projectId), topics.retention(projectId));
  const { account, project } = await parent();
  const mayManage = roleGrants(project.role, account.isOwner, 'member:manage');
  const client = createClient(fetch);
  const [members, invitations, companies, extensions, space] = await Promise.all([
    client.members.list.query({ projectId }),
    mayManage ? client.invitations.list.query({ projectId }) : [],
    mayManage ? client.companies.list.query() : [],
    mayManage ? client.retention.listAsked.query({ projectId }) : [],
    mayManage ? client.projects.space.query({ projectId }) : null,
  ]);
  const mayLimitProject = roleGrants(project.role, account.isOwner, 'project:limitSpace');
  return {
    title: m.people_title(),
    mayManage,
    mayLimitProject,
    space,
    members,
    invitations,
    companies,
    extensions,
  };
};
