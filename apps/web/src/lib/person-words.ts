/** The name of a person, or words for somebody whose name the reader may not know. */
import type { KnownPersonView } from '@turnover/domain/people/accounts';
import * as m from '@turnover/messages/messages';

export function nameOf(person: Pick<NonNullable<KnownPersonView>, 'name'> | null): string {
  return person?.name ?? m.person_other();
}

/** As a paper names a person; a dash for nobody. */
export function nameWithCompany(who: { name: string; company: string | null } | null): string {
  if (who === null) return '–';
  return who.company === null ? who.name : `${who.name} (${who.company})`;
}
