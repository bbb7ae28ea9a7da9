// Shares the configured rates among transfers. Bytes that have passed are owed, by everybody together and by each person, and the
// rate pays them in the order in which they came. A transfer goes on when its own are paid: so each gets its turn, several transfers
// of a person share one rate, and a new request waits for the bytes of earlier ones.
import { rateAt, unlimited, type RateLimits } from '@turnover/domain/server/rates';

/** Counts bytes that have passed. Undefined: more may follow at once; otherwise resolves when more may follow. */
export type Throttle = (bytes: number) => Promise<void> | undefined;

export type RateClocks = {
  /** The time of day. */
  clock: () => number;
  /** A clock that nobody sets. */
  elapsedMs?: () => number;
};

/** The rate may change meanwhile, so nobody sleeps longer than this. */
const maxSleepMs = 1000;
/** Timers are exact to a millisecond, so shorter waits would lose much of the rate. */
const minSleepMs = 20;

export class RateLimiter {
  readonly #limits: RateLimits;
  readonly #clock: () => number;
  readonly #elapsedMs: () => number;
  readonly #total = new Account();
  /** At most one for each person of the hub. */
  readonly #ofPerson = new Map<string, Account>();

  constructor(limits: RateLimits | undefined, { clock, elapsedMs = () => performance.now() }: RateClocks) {
    this.#limits = limits ?? unlimited;
    this.#clock = clock;
    this.#elapsedMs = elapsedMs;
  }

  /** The throttle of one transfer. Waits end when `signal` aborts. */
  throttleOf(personId: string, signal: AbortSignal): Throttle {
    const own = this.#ofPerson.get(personId) ?? new Account();
    this.#ofPerson.set(personId, own);
    return (bytes) => {
      this.#pay(own);
      const tickets = [this.#total.owe(bytes), own.owe(bytes)] as const;
      const wait = (): number => {
        const { total, person } = this.#pay(own);
        return Math.max(this.#total.waitMs(tickets[0], total), own.waitMs(tickets[1], person));
      };
      return wait() < minSleepMs ? undefined : waitFor(wait, signal);
    };
  }

  /** All bytes that have passed since the start of the process. */
  get passedBytes(): number {
    return this.#total.owed;
  }

  #pay(own: Account): { total: number | null; person: number | null } {
    const at = this.#clock();
    const rates = { total: rateAt(this.#limits.total, at), person: rateAt(this.#limits.person, at) };
    const now = this.#elapsedMs();
    this.#total.pay(rates.total, now);
    own.pay(rates.person, now);
    return rates;
  }
}

/** Counts all bytes since the start of the process, the owed and the paid ones. */
class Account {
  #owed = 0;
  #paid = 0;
  #paidAt = 0;

  get owed(): number {
    return this.#owed;
  }

  /** Returns a ticket for these bytes: the amount at which they are paid. */
  owe(bytes: number): number {
    this.#owed += bytes;
    return this.#owed;
  }

  pay(bytesPerSecond: number | null, now: number): void {
    const paid = bytesPerSecond === null ? Infinity : ((now - this.#paidAt) * bytesPerSecond) / 1000;
    this.#paid = Math.min(this.#owed, this.#paid + paid);
    this.#paidAt = now;
  }

  waitMs(ticket: number, bytesPerSecond: number | null): number {
    return bytesPerSecond === null ? 0 : Math.ceil(((ticket - this.#paid) * 1000) / bytesPerSecond);
  }
}

async function waitFor(wait: () => number, signal: AbortSignal): Promise<void> {
  for (let ms = wait(); ms > 0 && !signal.aborted; ms = wait()) await sleep(Math.min(ms, maxSleepMs), signal);
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal.addEventListener('abort', wake);
  });
}
