/** The facts that a row needs about its list. */
import { getContext, setContext } from 'svelte';

const key = Symbol('list');

type ListContext = {
  /** Returns true when the staying columns come before the yielding ones. */
  isStayingFirst: () => boolean;
};

export function provideList(list: ListContext): void {
  setContext(key, list);
}

export function listOf(): ListContext {
  return getContext(key);
}
