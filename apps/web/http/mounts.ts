// Handlers that answer before SvelteKit: file transfers and health checks, each by its path prefix.
import type { IncomingMessage, ServerResponse } from 'node:http';

export type Mount = {
  /** Path prefix: `/files` matches `/files` and `/files/…`, but not `/filesystem`. */
  prefix: `/${string}`;
  /** True when the mount guards its request bodies itself. Other mounts get the complete body. */
  takesBodies?: boolean;
  handle(request: IncomingMessage, response: ServerResponse): void | Promise<void>;
};

export function findMount(mounts: readonly Mount[], url: string): Mount | undefined {
  const path = url.split('?', 1)[0] ?? '';
  return mounts.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`));
}
