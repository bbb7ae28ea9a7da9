// What the transfers need to know of the process they run in.
import type { IncomingMessage } from 'node:http';
import type { Context, PersonContext } from '@turnover/core/context';

export type TransferHub = {
  ctx: Context;
  /** Who asks, by session cookie or token. Asked again while a long transfer runs. */
  authenticate(request: IncomingMessage): Promise<PersonContext | null>;
  /** Where this request may come from: the origins under which people open the hub. */
  ownOrigins(request: IncomingMessage): readonly string[];
};
