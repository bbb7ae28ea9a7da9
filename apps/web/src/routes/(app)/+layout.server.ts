// The data of the frame: the account, the projects, and the pages that the person may see.
import { accountOf } from '@turnover/core/people/accounts';
import { listNotifications } from '@turnover/core/notifications/inbox';
import { listProjects } from '@turnover/core/projects/projects';
import { countWork } from '@turnover/core/work/work';
import type { AccountView } from '@turnover/domain/people/accounts';
import { topics } from '@turnover/domain/events';
import type { ProjectView } from '@turnover/domain/people/projects';
import * as m from '@turnover/messages/messages';
import { roleWords } from '#lib/role-words.ts';
import { personContextOf } from '#lib/server/hub.ts';
import { navigationFor, startOf } from '#lib/shell/navigation-for.ts';
import type { ShellData, ShellProject } from '#lib/shell/shell.ts';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = (event) => {
  const projectId = event.params.project;
  event.depends(topics.account(), topics.notifications());
  if (projectId) {
    // The number of tasks in the project changes with its requests, and with requests for extensions.
    event.depends(topics.project(projectId), topics.requests(projectId), topics.retention(projectId));
  }
  const ctx = personContextOf(event);
  const account = accountOf(ctx);
  const projects = listProjects(ctx);
  const project = projects.find(({ id }) => id === projectId) ?? null;
  const shell: ShellData = {
    user: { name: account.name, detail: detailOf(account, project) },
    project: project && describe(project, account),
    projects: projects.map((each) => describe(each, account)),
    navigation: navigationFor(project, account.isOwner, project ? countWork(ctx, project) : 0),
  };
  const { unread, notifications } = listNotifications(ctx, { limit: 1 });
  const { loadedAt } = event.locals;
  const { configured: sendsMail } = ctx.mail;
  return {
    account,
    projects,
    shell,
    loadedAt,
    sendsMail,
    inbox: { unread, newest: notifications[0]?.id ?? null },
  };
};

function describe(project: ProjectView, { isOwner }: AccountView): ShellProject {
  return { id: project.id, name: project.name, detail: project.subtitle, href: startOf(project, isOwner) };
}

/** Returns company and role; an owner of the hub without a role in the project is called owner. */
function detailOf({ company, isOwner, email }: AccountView, project: ProjectView | null): string {
  const role = project?.role ? roleWords[project.role].name() : isOwner ? m.role_owner() : undefined;
  return [company?.name, role].filter(Boolean).join(' · ') || email;
}
