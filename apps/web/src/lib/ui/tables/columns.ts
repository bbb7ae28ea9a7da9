/**
 * The columns of a list as data, and how they share its width. A list has three layouts, chosen by its own width: in
 * `columns` each fact has a column; in `mixed` the yielding columns are placed below the name; in `lines` all are. The
 * name gives way last. `list-layouts.css` contains the layouts.
 */

/** The kind of a column's values, which decides the labels of its two sort directions. */
export type SortWords = 'text' | 'amount' | 'time' | 'due' | 'steps';

/** A sortable column has a `key` and a `sort`. */
type Sortable<Key extends string> = { key: Key; sort: SortWords } | { key: string; sort?: undefined };

/** The column of names; its width is what the other columns leave. */
export type NameColumn<Key extends string = string> = Sortable<Key> & { label: string };

export type Column<Key extends string = string> = NameColumn<Key> & {
  /** Width in pixels. */
  width: number;
  /** The share of the remaining width that the column takes; the share of the name is 1. */
  grows?: number;
  /** True when it stays a column while the others are placed below the name. */
  stays?: boolean;
  number?: boolean;
};

export type Sort<Key extends string = string> = { column: Key; descending: boolean };

/** The width of the actions at the end of a row in pixels; with `narrow: 0` they are placed below the facts. */
export type ActionsWidth = { wide: number; narrow: number };

/** The list widths in pixels at which its layout may change. `list-layouts.css` has a rule for each. */
export const layoutSteps = [480, 560, 640, 720, 800, 880, 960, 1020, 1100, 1200, 1300] as const;

/** Minimum width of the name column in pixels: 220 for the letters, the rest for the icon. */
const nameWidth = 246;
const checkWidth = 16;
const gap = 14;
const padding = 24;
/** Estimated widths in the head of the mixed layout, where the labels of the yielding columns stand in one line. */
const letterWidth = 6.6;
const arrowWidth = 22;
const nameLabelWidth = 56;

type Shape = { columns: readonly Column[]; hasCheck: boolean; actions: ActionsWidth | null };

type ListLayout = {
  /** `columns-800 mixed-560`: the classes that `list-layouts.css` selects by. */
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
  const mixedName = Math.max(nameWidth, headWidth(columns));
  const mixedFrom = isMixed ? stepFor(widthsOf(staying, actions?.narrow), mixedName) : columnsFrom;
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

/**
 * Returns the first step at which columns of these widths leave enough for the name; when none does, a value beyond the
 * last step.
 */
function stepFor(widths: readonly number[], name = nameWidth): number {
  const needed = widths.reduce((sum, width) => sum + width + gap, name + padding);
  return layoutSteps.find((step) => step >= needed) ?? Infinity;
}

/** Returns the width that the labels of the name and of the sortable yielding columns need in one line. */
function headWidth(columns: readonly Column[]): number {
  const labels = columns.filter(({ stays, sort }) => !stays && sort).map(({ label }) => label);
  return labels.reduce((sum, label) => sum + label.length * letterWidth + arrowWidth, nameLabelWidth);
}

/** Returns the next sort order after a press on a column's header: the same column again reverses the order. */
export function nextSort<Key extends string>(column: Key, before: Sort<Key> | undefined): Sort<Key> {
  return { column, descending: before?.column === column && !before.descending };
}
