/** When a failed upload is retried: after every temporary failure, for more than a day. */

const secondMs = 1_000;
const minutesOfADay = 24 * 60;

export const retryDelaysMs: number[] = [
  ...[1, 2, 5, 10, 30].map((seconds) => seconds * secondMs),
  ...Array<number>(minutesOfADay).fill(60 * secondMs),
];

/** Client errors that are temporary: timeout, wrong offset, lock, too many requests, damaged on the way. */
const passing = new Set([408, 409, 423, 429, 460]);

/** Returns true when a retry may succeed. `status` is 0 when nobody answered. */
export function isWorthRetrying(status: number): boolean {
  return status < 400 || status >= 500 || passing.has(status);
}

/**
 * Returns true for no answer, or a status that proxies send when a body takes too long: 408, nginx's 499, 504,
 * Cloudflare's 520 to 524. 502 and 503 mean that the hub is down, whatever the size of the body.
 */
export function isCutShort(status: number): boolean {
  return (
    status === 0 || status === 408 || status === 499 || status === 504 || (status >= 520 && status <= 524)
  );
}
