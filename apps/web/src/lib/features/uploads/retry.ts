/** When an upload is tried again: after everything that can pass by itself, for more than a day. */

const secondMs = 1_000;
const minutesOfADay = 24 * 60;

export const retryDelaysMs: number[] = [
  ...[1, 2, 5, 10, 30].map((seconds) => seconds * secondMs),
  ...Array<number>(minutesOfADay).fill(60 * secondMs),
];

/** Statuses of the client's own fault that pass all the same: another offset, a lock, damaged on the way, too many. */
const passing = new Set([408, 409, 423, 429, 460]);

/** `status` 0: no answer at all. */
export function isWorthRetrying(status: number): boolean {
  return status < 400 || status >= 500 || passing.has(status);
}

/**
 * No answer, or one of those that proxies give when a body takes them too long: 408, nginx's 499, 504, Cloudflare's 520 to
 * 524. 502 and 503 mean that the hub is away, whatever the size.
 */
export function isCutShort(status: number): boolean {
  return (
    status === 0 || status === 408 || status === 499 || status === 504 || (status >= 520 && status <= 524)
  );
}
