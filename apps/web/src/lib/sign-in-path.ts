/** The way to the sign-in and back to where one wanted to go. */

export function signInPath(wanted: { pathname: string; search: string }): string {
  const next = wanted.pathname + wanted.search;
  return next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`;
}

/** Only a path of this hub: anything that a browser would read as another site is the start page. */
export function nextPath(next: string | null): string {
  if (!next?.startsWith('/')) return '/';
  // A browser reads `//host` and `/\host` as another site, and drops tabs and line ends before it looks.
  const url = URL.parse(next, 'http://hub');
  return url?.origin === 'http://hub' && !url.pathname.startsWith('//')
    ? url.pathname + url.search + url.hash
    : '/';
}
