/** Finds and orders the entries of a folder: folders before files, whatever they are ordered by. */
import type { EntryView } from '@turnover/domain/entries';

export const entryColumns = ['name', 'size', 'changed'] as const;
export type EntryColumn = (typeof entryColumns)[number];
export type EntryOrder = { column: EntryColumn; descending: boolean };

export function arrange(
  entries: readonly EntryView[],
  filter: string,
  { column, descending }: EntryOrder,
  locale: string,
): EntryView[] {
  // `numeric`: reel 2 comes before reel 10.
  const { compare } = new Intl.Collator(locale, { numeric: true });
  const direction = descending ? -1 : 1;
  const compareBy: Record<EntryColumn, (one: EntryView, other: EntryView) => number> = {
    name: (one, other) => compare(one.name, other.name),
    size: (one, other) => sizeOf(one) - sizeOf(other),
    changed: (one, other) => one.updatedAt - other.updatedAt,
  };
  return named(entries, filter, locale).sort(
    (one, other) =>
      rank(one) - rank(other) || direction * compareBy[column](one, other) || compare(one.name, other.name),
  );
}

/** Those with the words in their name, in the order they have. */
export function named(entries: readonly EntryView[], filter: string, locale: string): EntryView[] {
  const wanted = filter.trim().toLocaleLowerCase(locale);
  return entries.filter(({ name }) => name.toLocaleLowerCase(locale).includes(wanted));
}

/** The same column again turns the order round. */
export function orderedBy(column: EntryColumn, before: EntryOrder): EntryOrder {
  return { column, descending: before.column === column && !before.descending };
}

function rank({ kind }: EntryView): number {
  return kind === 'folder' ? 0 : 1;
}

function sizeOf({ sizeBytes, items }: EntryView): number {
  return sizeBytes ?? items ?? 0;
}
