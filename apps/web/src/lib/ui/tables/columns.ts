/**
 * The columns of a list as data, and how they share its width. A list has three layouts, chosen by its own width: in
 * `columns` each fact has a column; in `mixed` the columns that yield stand below the name; in `lines` all do. The name
 * gives way last. `list-layouts.css` holds the layouts.
 */

/** What the two directions of a column are called. */
export type SortWords = 'text' | 'amount' | 'time' | 'due' | 'steps';

/** A list is sorted by the keys of the columns that say how. */
type Sortable<Key extends string> = { key: Key; sort: SortWords } | { key: string; sort?: undefined };

/** The column of names; its width is what the others leave. */
export type NameColumn<Key extends string = string> = Sortable<Key> & { label: string };

export type Column<Key extends string = string> = NameColumn<Key> & {
  /** In pixels. */
  width: number;
  /** Takes this share of what the columns leave; the share of the name is 1. */
  grows?: number;
  /** Stays a column while the others stand below the name. */
  stays?: boolean;
  number?: boolean;
};

export type Sort<Key extends string = string> = { column: Key; descending: boolean };

/** The width of the actions at the end of a row; below `narrow: 0` they stand below the facts. */
export type ActionsWidth = { wide: number; narrow: number };

/** The widths of a list at which its layout may change. `list-layouts.css` has a rule for each. */
export const layoutSteps = [480, 560, 640, 720, 800, 880, 960, 1020, 1100, 1200, 1300] as const;

/** The letters get 220 pixels; the rest is the icon. */
const nameWidth = 246;
const checkWidth = 16;
const gap = 14;
const padding = 24;

type Shape = { columns: readonly Column[]; hasCheck: boolean; actions: ActionsWidth | null };

type ListLayout = {
  /** `columns-800 mixed-560`: the classes that `list-layouts.css` waits for. */
  classes: string;
  /** The grid tracks of the layouts, as custom properties. */
  style: string;
};

export function layoutOf({ columns, hasCheck, actions }: Shape): ListLayout {
  const staying = columns.filter(({ stays }) => stays);
  const before = hasCheck ? [checkWidth] : [];
  const widthsOf = (some: readonly Column[], end: number | undefined) => [
    ...before,
    ...some.map(({ width }) => width),
    ...(end === undefined ? [] : [end]),
  ];
  const columnsFrom = stepFor(widthsOf(columns, actions?.wide));
  const isMixed = staying.length > 0 && staying.length < columns.length;
  const mixedFrom = isMixed ? stepFor(widthsOf(staying, actions?.narrow)) : columnsFrom;
  const tracks = (middle: readonly string[], some: readonly Column[], end: number | undefined) =>
    [
      ...(hasCheck ? [`[check] ${checkWidth}px`] : []),
      ...middle,
      ...some.map(({ width, grows }) => (grows ? `minmax(${width}px, ${grows}fr)` : `${width}px`)),
      ...(end ? [`[actions] ${end}px`] : []),
    ].join(' ');
  const name = [`[name] minmax(${nameWidth}px, 1fr)`];
  const headOf = (rest: string) => ['[name] max-content', `[${rest}] minmax(0, 1fr)`];
  return {
    classes: [`columns-${columnsFrom}`, ...(mixedFrom < columnsFrom ? [`mixed-${mixedFrom}`] : [])].join(' '),
    style: Object.entries({
      '--columns-tracks': tracks(name, columns, actions?.wide),
      '--mixed-tracks': tracks(name, staying, actions?.narrow),
      '--mixed-head': tracks(headOf('more'), staying, actions?.narrow),
      '--lines-tracks': tracks(['[name] minmax(0, 1fr)'], [], actions?.narrow),
      '--lines-head': tracks(headOf('facts'), [], actions?.narrow),
    })
      .map(([property, value]) => `${property}: ${value}`)
      .join('; '),
  };
}

/** The first step at which columns of these widths leave enough for the name; after the last one, never. */
function stepFor(widths: readonly number[]): number {
  const needed = widths.reduce((sum, width) => sum + width + gap, nameWidth + padding);
  return layoutSteps.find((step) => step >= needed) ?? Infinity;
}

/** A press on a column's head: the same column again reverses the order. */
export function nextSort<Key extends string>(column: Key, before: Sort<Key> | undefined): Sort<Key> {
  return { column, descending: before?.column === column && !before.descending };
}
