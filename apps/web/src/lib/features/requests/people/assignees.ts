/** Keys for assignees in a select: `user:<id>` and `company:<id>`. */
import type { MemberView } from '@turnover/domain/people/projects';
import { roleGrants } from '@turnover/domain/people/permissions';
import type { AssigneeView } from '@turnover/domain/requests/requests';

export type AssigneeOption = { key: string; type: 'person' | 'company'; name: string; detail: string };

export function assigneeKey({ type, id }: Pick<AssigneeView, 'type' | 'id'>): string {
  return type === 'person' ? `user:${id}` : `company:${id}`;
}

export function assigneeInputOf(key: string): { userId: string } | { companyId: string } {
  const [type, id = ''] = key.split(':');
  return type === 'company' ? { companyId: id } : { userId: id };
}

/** The companies of the members first, then the members whose role sees requests. */
export function assigneeOptions(members: readonly MemberView[]): AssigneeOption[] {
  const able = members.filter(({ role }) => roleGrants(role, false, 'request:submit'));
  const companies = new Map<string, AssigneeOption>();
  for (const { companyId, user } of able) {
    if (companyId === null || user.company === null) continue;
    const key = assigneeKey({ type: 'company', id: companyId });
    companies.set(key, { key, type: 'company', name: user.company, detail: '' });
  }
  const people = able.map(({ user }): AssigneeOption => {
    const key = assigneeKey({ type: 'person', id: user.id });
    return { key, type: 'person', name: user.name, detail: user.company ?? user.email };
  });
  return [...companies.values(), ...people];
}

/** Returns the names of assignees for their keys. */
export function assigneeNames(keys: readonly string[], members: readonly MemberView[]): string {
  const names = new Map(assigneeOptions(members).map(({ key, name }) => [key, name]));
  return keys.flatMap((key) => names.get(key) ?? []).join(', ');
}
