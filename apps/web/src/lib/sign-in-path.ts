/** Returns the address of the sign-in page, with the path to return to. */

export function signInPath(wanted: { pathname: string; search: string }): string {
  return withNext('/sign-in', wanted.pathname + wanted.search);
}

/** Returns the address of the page that sets up a second factor, with the path to go on to. */
export function setUpPath(wanted: { pathname: string; search: string }): string {
  return withNext('/second-factor', wanted.pathname + wanted.search);
}

export function withNext(page: string, next: string): string {
  return next === '/' ? page : `${page}?next=${encodeURIComponent(next)}`;
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
