// The environment of the transfer handlers: core, sign-ins and origins of the process that runs them.
import type { IncomingMessage } from 'node:http';
import type { Context, PersonContext } from '@turnover/core/context';

export type TransferHub = {
  ctx: Context;
  /** Returns the signed-in person, by session cookie or token. Called again during long transfers. */
  authenticate(request: IncomingMessage): Promise<PersonContext | null>;
  /** The origins under which people open the hub; cross-site requests are refused. */
  ownOrigins(request: IncomingMessage): readonly string[];
};
