/** Forecasts the end of uploads and processing, in epoch milliseconds. Null when nothing is known yet. */

/** The last moment that a Date can hold, in epoch milliseconds. A later end has no forecast. */
const lastMoment = 8.64e15;

/** `bytesPerSecond` is the current speed of all uploads together; null while none is sending. */
export function forecastUpload(upload: {
  remainingBytes: number;
  bytesPerSecond: number | null;
  now: number;
}): number | null {
  const { remainingBytes, bytesPerSecond, now } = upload;
  if (remainingBytes <= 0) return now;
  if (bytesPerSecond === null || !(bytesPerSecond > 0)) return null;
  return moment(now + (remainingBytes / bytesPerSecond) * 1000);
}

export type PastRun = { bytes: number; durationMs: number };

/**
 * Multiplies the median time per byte of past runs with the bytes ahead in the queue, divided by `slots` (the number of
 * parallel runs), and then with the bytes of the files themselves.
 */
export function forecastProcessing(work: {
  bytes: number;
  bytesAhead: number;
  past: readonly PastRun[];
  slots: number;
  now: number;
}): number | null {
  const { bytes, bytesAhead, past, slots, now } = work;
  if (bytes <= 0) return now;
  const msPerByte = median(
    past.filter((run) => run.bytes > 0 && run.durationMs >= 0).map((run) => run.durationMs / run.bytes),
  );
  return msPerByte === null ? null : moment(now + msPerByte * (bytesAhead / Math.max(1, slots) + bytes));
}

function moment(at: number): number | null {
  return at <= lastMoment ? Math.round(at) : null;
}

/** Returns the median, which is not distorted by a machine that slept during a run, or by a tiny file. */
function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const [below, above] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return below === undefined || above === undefined ? null : (below + above) / 2;
}
