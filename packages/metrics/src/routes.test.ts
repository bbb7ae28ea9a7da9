import { expect, test } from 'vitest';
import { routeOf } from './routes.ts';

test.each([
  ['/', 'page'],
  ['/p/prj_1/deliveries?tab=open', 'page'],
  ['/filesystem', 'page'],
  ['/files/ent_1?preview', 'download'],
  ['/uploads', 'upload'],
  ['/uploads/upl_1', 'upload'],
  ['/rounds/rnd_1/receipt.json', 'document'],
  ['/audit/log.csv', 'document'],
  ['/api/trpc/requests.list?input=1', 'api'],
  ['/api/trpc/live.stream?input=1', 'live'],
  ['/_app/immutable/entry/app.js', 'asset'],
  ['/healthz', 'health'],
])('%s counts as %s', (url, route) => expect(routeOf(url)).toBe(route));
