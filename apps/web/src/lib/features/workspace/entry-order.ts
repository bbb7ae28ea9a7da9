/** The sort order of Workspace lists: one for all folders, kept in a cookie that the server also reads. */
import { entryColumns, type EntryOrder } from '@turnover/domain/workspace/entries';

export const orderCookie = 'turnover_order';
export const firstOrder: EntryOrder = { column: 'name', descending: false };

/** Parses the cookie's value: `size` or `-size`. */
export function readOrder(value: string | undefined): EntryOrder {
  const column = entryColumns.find((each) => each === value?.replace(/^-/, ''));
  return column ? { column, descending: value!.startsWith('-') } : firstOrder;
}

export function writeOrder({ column, descending }: EntryOrder): string {
  return (descending ? '-' : '') + column;
}

/** Reads in the browser what `rememberOrder` has stored. */
export function rememberedOrder(): EntryOrder {
  return readOrder(new RegExp(`(?:^|; )${orderCookie}=([^;]*)`).exec(document.cookie)?.[1]);
}

const oneYearSeconds = 365 * 24 * 60 * 60;

export function rememberOrder(order: EntryOrder): void {
  document.cookie = `${orderCookie}=${writeOrder(order)}; path=/; max-age=${oneYearSeconds}; samesite=lax`;
}
