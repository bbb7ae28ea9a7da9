/** Returns the name of a person, or a text for somebody whose name the reader may not know. */
import type { KnownPersonView } from '@turnover/domain/people/accounts';
import * as m from '@turnover/messages/messages';

export function nameOf(person: Pick<NonNullable<KnownPersonView>, 'name'> | null): string {
  return person?.name ?? m.person_other();
}

/** Returns a person's name and company for a printable page; a dash for nobody. */
export function nameWithCompany(who: { name: string; company: string | null } | null): string {
  if (who === null) return '–';
  return who.company === null ? who.name : `${who.name} (${who.company})`;
}
