/** When a failed upload is retried: after every failure that may pass, for more than a day. */

const secondMs = 1_000;
const minutesOfADay = 24 * 60;

export const retryDelaysMs: number[] = [
  ...[1, 2, 5, 10, 30].map((seconds) => seconds * secondMs),
  ...Array<number>(minutesOfADay).fill(60 * secondMs),
];

/** Client errors that pass nevertheless: timeout, wrong offset, lock, too many requests, damaged on the way. */
const passing = new Set([408, 409, 423, 429, 460]);

/** `status` 0: no answer. */
export function isWorthRetrying(status: number): boolean {
  return status < 400 || status >= 500 || passing.has(status);
}

/**
 * No answer, or a status that proxies give when a body takes too long: 408, nginx's 499, 504, Cloudflare's 520 to 524.
 * 502 and 503 mean that the hub is away, whatever the size of the body.
 */
export function isCutShort(status: number): boolean {
  return (
    status === 0 || status === 408 || status === 499 || status === 504 || (status >= 520 && status <= 524)
  );
}
