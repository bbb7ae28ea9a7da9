// What is answered before SvelteKit: byte traffic and probes, each by the prefix of its path.
import type { IncomingMessage, ServerResponse } from 'node:http';

export type Mount = {
  /** `/files` takes `/files` and `/files/…`, but not `/filesystem`. */
  prefix: `/${string}`;
  /** It guards the bodies of its requests by itself; to others they come whole. */
  takesBodies?: boolean;
  handle(request: IncomingMessage, response: ServerResponse): void | Promise<void>;
};

export function findMount(mounts: readonly Mount[], url: string): Mount | undefined {
  const path = url.split('?', 1)[0] ?? '';
  return mounts.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`));
}
