/** Searches in a list of options. */
import { searchKey } from '@turnover/domain/names/sort-keys';

type Words = { label: string; hint?: string };

/** Returns the options whose label or hint contains the text, ignoring case and accents. */
export function foundOptions<Option extends Words>(options: readonly Option[], text: string): Option[] {
  const wanted = searchKey(text.trim());
  return options.filter(({ label, hint = '' }) => searchKey(`${label} ${hint}`).includes(wanted));
}
