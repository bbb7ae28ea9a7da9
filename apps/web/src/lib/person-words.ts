/** The name of a person, or words for somebody whose name the reader may not know. */
import type { KnownPersonView } from '@turnover/domain/people/accounts';
import * as m from '@turnover/messages/messages';

export function nameOf(person: Pick<NonNullable<KnownPersonView>, 'name'> | null): string {
  return person?.name ?? m.person_other();
}
