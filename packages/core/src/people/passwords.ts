/** Passwords as argon2id hashes. Computes at most two at once, because each needs 19 MiB and a core for a while. */
import { hash, verify } from '@node-rs/argon2';
import { HubError } from '@turnover/domain/errors';

/** The cost parameters that OWASP recommends for argon2id on web servers. The library's default variant is argon2id. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const atOnce = 2;
const longestQueue = 200;

/** The hash of a password that nobody has. Checking against it takes as long as against a real hash. */
const nobody =
  '$argon2id$v=19$m=19456,t=2,p=1$5mbnHqIEahr1d1js6TOFnw$3M1NHI+NJfgctdxtF99GlBaKv2KGEs9WOSc7ixJ120o';

let running = 0;
const queue: (() => void)[] = [];

export function hashPassword(password: string): Promise<string> {
  return withSlot(() => hash(password, cost));
}

/**
 * Checks a password. `passwordHash`: null for an unknown account or one without a password; the check then takes the same
 * time, so that nobody learns which. Throws `unavailable` when too many checks wait.
 */
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
    // Passes the slot directly to the next waiting check, so that a new call cannot take it.
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
