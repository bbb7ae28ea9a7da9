// The kinds of routes and of answers: few, because each pair is a time series.
import type { ServerResponse } from 'node:http';

const prefixes = {
  '/api/trpc/live.stream': 'live',
  '/api/trpc': 'api',
  '/uploads': 'upload',
  '/files': 'download',
  '/rounds': 'document',
  '/audit': 'document',
  '/evidence': 'document',
  '/healthz': 'health',
  '/_app': 'asset',
} as const;

export type Route = (typeof prefixes)[keyof typeof prefixes] | 'page';

export function routeOf(url: string): Route {
  const path = url.split('?', 1)[0]!;
  const found = Object.entries(prefixes).find(([prefix]) => path === prefix || path.startsWith(`${prefix}/`));
  return found ? found[1] : 'page';
}

/** `cut`: the connection ended before the answer did. */
export function endOf({ statusCode, writableFinished }: ServerResponse): string {
  if (!writableFinished) return 'cut';
  return `${Math.floor(statusCode / 100)}xx`;
}
