/** Returns the address of the sign-in page, with the path to return to. */

export function signInPath(wanted: { pathname: string; search: string }): string {
  const next = wanted.pathname + wanted.search;
  return next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`;
}

/** Returns a path of this hub; a value that a browser would read as another site becomes the start page. */
export function nextPath(next: string | null): string {
  if (!next?.startsWith('/')) return '/';
  // A browser reads `//host` and `/\host` as another site, and ignores tabs and line breaks.
  const url = URL.parse(next, 'http://hub');
  return url?.origin === 'http://hub' && !url.pathname.startsWith('//')
    ? url.pathname + url.search + url.hash
    : '/';
}
