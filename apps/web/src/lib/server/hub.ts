// The hub as the server side of the pages gets it: made once in server.ts, carried by each request.
import type { IncomingMessage } from 'node:http';

export type Hub = object;

export type HubRequest = IncomingMessage & { turnover?: Hub };

export function hubOf(event: { platform?: Readonly<App.Platform> }): Hub {
  const hub = event.platform?.req.turnover;
  if (!hub) throw new Error('No hub came with the request: is it served by server.ts?');
  return hub;
}
