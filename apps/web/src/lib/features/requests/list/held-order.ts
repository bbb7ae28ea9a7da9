/** Keeps rows in place while somebody points at them, although the list has changed. */

export type Held<Row> = {
  rows: Row[];
  /** Ids of rows that have left the list. */ gone: ReadonlySet<string>;
  isMoved: boolean;
};

/**
 * Returns the shown rows in their old order with their new data. `isMoved`: the new list has other rows, or another
 * order.
 */
export function heldOrder<Row extends { id: string }>(
  shown: readonly Row[],
  next: readonly Row[],
): Held<Row> {
  const fresh = new Map(next.map((row) => [row.id, row]));
  return {
    rows: shown.map((row) => fresh.get(row.id) ?? row),
    gone: new Set(shown.flatMap(({ id }) => (fresh.has(id) ? [] : [id]))),
    isMoved: shown.length !== next.length || shown.some(({ id }, index) => next[index]!.id !== id),
  };
}
