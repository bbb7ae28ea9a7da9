// The hub for the server side of pages: created in server.ts and attached to each request.
import type { IncomingMessage } from 'node:http';
import type { authenticate, authenticateHeld, Credentials } from '@turnover/core/people/sign-in';
import type { Context, PersonContext } from '@turnover/core/context';
import { throttleKeyOf } from '@turnover/domain/server/addresses';
import type { Origin } from '../../../http/origin.ts';

export type Hub = {
  ctx: Context;
  /** The setting TURNOVER_URL, if set. */
  publicUrl: string | undefined;
  /** Identifies the caller; null for missing or unknown credentials. */
  authenticate(credentials: Credentials): ReturnType<typeof authenticate>;
  /** Identifies somebody who must set up a second factor before anything else. */
  authenticateHeld(credentials: Credentials): ReturnType<typeof authenticateHeld>;
  /** Calls the listener after commits of any process, until the returned function is called. */
  onCommit(listener: () => void): () => void;
};

export type HubRequest = IncomingMessage & {
  turnover?: Hub;
  /** Undefined in development, where Vite listens. */
  origin?: Origin;
};

type HubEvent = { platform?: Readonly<App.Platform> };

export function hubOf(event: HubEvent): Hub {
  const hub = event.platform?.req.turnover;
  if (!hub) throw new Error('No hub came with the request: is it served by server.ts?');
  return hub;
}

/** Returns the address by which password guesses are counted; null when many people may share it. */
export function guesserAddressOf({ platform }: HubEvent): string | null {
  const origin = platform?.req.origin;
  return origin && !origin.isShared ? throttleKeyOf(origin.address) : null;
}

/** Returns the hub's context with what the audit log says about where the request came from. */
export function callerContextOf(event: HubEvent & { locals: App.Locals; url: URL }): Context {
  const { tokenId } = event.locals;
  const person = event.locals.person ?? event.locals.held;
  const signedIn = tokenId === undefined ? 'session' : 'token';
  const address = event.platform?.req.origin?.address || null;
  const caller = {
    via: person ? signedIn : 'page',
    viaId: tokenId ?? null,
    address,
    origin: event.url.origin,
  } as const;
  return { ...hubOf(event).ctx, caller };
}

/** Returns the context of a person who may do nothing but set up a second factor, or of one who is signed in. */
export function setUpContextOf(event: HubEvent & { locals: App.Locals; url: URL }): PersonContext | null {
  const { held, person } = event.locals;
  if (person) return personContextOf(event);
  return held && { ...callerContextOf(event), person: held.person, sessionId: held.sessionId };
}

/** Returns the context of the signed-in person, for pages that hooks.server.ts protects. */
export function personContextOf(event: HubEvent & { locals: App.Locals; url: URL }): PersonContext {
  const { person, sessionId } = event.locals;
  if (!person) throw new Error('The page is open to people who are not signed in.');
  return { ...callerContextOf(event), person, sessionId };
}
