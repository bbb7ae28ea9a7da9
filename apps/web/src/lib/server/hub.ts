// The hub as the server side of the pages gets it: made once in server.ts, carried by each request.
import type { IncomingMessage } from 'node:http';
import type { authenticate, Credentials } from '@turnover/core/people/sign-in';
import type { Context, PersonContext } from '@turnover/core/context';
import { throttleKeyOf } from '@turnover/domain/server/addresses';
import type { Origin } from '../../../http/origin.ts';

export type Hub = {
  ctx: Context;
  /** TURNOVER_URL, when it is set. */
  publicUrl: string | undefined;
  /** Who asks; null when nobody does, or nobody that is known. */
  authenticate(credentials: Credentials): ReturnType<typeof authenticate>;
  /** Calls back after commits of any process, until the returned function is called. */
  onCommit(listener: () => void): () => void;
};

export type HubRequest = IncomingMessage & {
  turnover?: Hub;
  /** Missing while developing, where Vite listens. */
  origin?: Origin;
};

type HubEvent = { platform?: Readonly<App.Platform> };

export function hubOf(event: HubEvent): Hub {
  const hub = event.platform?.req.turnover;
  if (!hub) throw new Error('No hub came with the request: is it served by server.ts?');
  return hub;
}

/** What guesses from where this request comes from are counted by; null when it may stand for everybody. */
export function guesserAddressOf({ platform }: HubEvent): string | null {
  const origin = platform?.req.origin;
  return origin && !origin.isShared ? throttleKeyOf(origin.address) : null;
}

/** For pages behind the sign-in: hooks.server.ts lets nobody else get there. */
export function personContextOf(event: HubEvent & { locals: App.Locals }): PersonContext {
  const { person, sessionId } = event.locals;
  if (!person) throw new Error('The page is open to people who are not signed in.');
  return { ...hubOf(event).ctx, person, sessionId };
}
