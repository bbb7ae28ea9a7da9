/** What a row needs to know of its list. */
import { getContext, setContext } from 'svelte';

const key = Symbol('list');

type ListContext = {
  /** The columns that stay come before those that yield. */
  isStayingFirst: () => boolean;
};

export function provideList(list: ListContext): void {
  setContext(key, list);
}

export function listOf(): ListContext {
  return getContext(key);
}
