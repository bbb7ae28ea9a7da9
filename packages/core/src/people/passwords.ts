/** Passwords as argon2id hashes. At most two are computed at once: each takes 19 MiB and a core for a while. */
import { hash, verify } from '@node-rs/argon2';
import { HubError } from '@turnover/domain/errors';

/** The numbers of RFC 9106's cousin for web servers (OWASP); argon2id is the library's default. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const atOnce = 2;
const longestQueue = 200;

/** Of a password nobody has: checking against it takes as long as against a real one. */
const nobody =
  '$argon2id$v=19$m=19456,t=2,p=1$5mbnHqIEahr1d1js6TOFnw$3M1NHI+NJfgctdxtF99GlBaKv2KGEs9WOSc7ixJ120o';

let running = 0;
const queue: (() => void)[] = [];

export function hashPassword(password: string): Promise<string> {
  return withSlot(() => hash(password, cost));
}

/** `passwordHash` null: there is no such account or it has no password yet, which must not show in the time taken. */
export async function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  const matches = await withSlot(() => verify(passwordHash ?? nobody, password));
  return matches && passwordHash !== null;
}

async function withSlot<Result>(work: () => Promise<Result>): Promise<Result> {
  if (running < atOnce) running++;
  else await takeTurn();
  try {
    return await work();
  } finally {
    // The slot is handed on rather than freed, so that nobody slips in between.
    const next = queue.shift();
    if (next) next();
    else running--;
  }
}

function takeTurn(): Promise<void> {
  if (queue.length >= longestQueue)
    throw new HubError('unavailable', 'Too many people are signing in. Try again.');
  return new Promise((resolve) => queue.push(resolve));
}
