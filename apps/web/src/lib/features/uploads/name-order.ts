/** Natural order of names: `a9` before `a10`. */
import { sortKey } from '@turnover/domain/names/sort-keys';

export function inNameOrder<Item>(items: ArrayLike<Item>, nameOf: (item: Item) => string): Item[] {
  // Computing a key takes longer than comparing two.
  const keyed = Array.from(items, (item) => ({ item, key: sortKey(nameOf(item)) }));
  keyed.sort((one, other) => (one.key < other.key ? -1 : Number(one.key > other.key)));
  return keyed.map(({ item }) => item);
}
