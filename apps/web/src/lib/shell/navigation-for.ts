/** The pages of a project that a person may see, and the first of them. */
import { roleGrants, type Permission } from '@turnover/domain/people/permissions';
import type { ProjectView } from '@turnover/domain/people/projects';
import type { NavigationEntry } from './shell.ts';

type Placed = Pick<ProjectView, 'id' | 'role'>;

/** Returns the navigation. `toDo`: the number of tasks in My work. */
export function navigationFor(project: Placed | null, isOwner: boolean, toDo = 0): NavigationEntry[] {
  const entries = project ? projectPages(project, isOwner) : [];
  return [
    ...entries.map((entry) => (entry.page === 'work' ? { ...entry, count: toDo } : entry)),
    { page: 'projects', href: '/projects' },
    ...(isOwner ? [{ page: 'server', href: '/server' } as const] : []),
  ];
}

/** Returns the first page of the project. */
export function startOf(project: Placed, isOwner: boolean): string {
  return projectPages(project, isOwner)[0]?.href ?? '/projects';
}

function projectPages(project: Placed, isOwner: boolean): NavigationEntry[] {
  const base = `/p/${project.id}`;
  const pages: (NavigationEntry & { permission: Permission })[] = [
    { page: 'work', href: `${base}/work`, permission: 'request:view' },
    { page: 'workspace', href: `${base}/workspace`, permission: 'workspace:use' },
    { page: 'deliveries', href: `${base}/deliveries`, permission: 'request:view' },
    { page: 'activity', href: `${base}/activity`, permission: 'request:view' },
    { page: 'types', href: `${base}/types`, permission: 'type:manage' },
    { page: 'people', href: `${base}/people`, permission: 'member:view' },
  ];
  return pages
    .filter(({ permission }) => roleGrants(project.role, isOwner, permission))
    .map(({ page, href }) => ({ page, href }));
}
