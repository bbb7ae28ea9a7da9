// Which bytes of a file a request asks for (RFC 9110, sections 13 and 14): the whole file, one range, or a range outside it.

export type ByteRange =
  | { kind: 'whole' }
  /** `isTail`: the range counts from the end. Programs inspect a file this way; nobody resumes a download with it. */
  | { kind: 'part'; start: number; end: number; isTail?: true }
  | { kind: 'outside' };

export type RangeRequest = {
  range: string | undefined;
  ifRange: string | undefined;
};

const whole: ByteRange = { kind: 'whole' };

/** `end` is exclusive. Ignores a header that is malformed or asks for several ranges, as the RFC allows. */
export function readRange(request: RangeRequest, sizeBytes: number, etag: string): ByteRange {
  if (request.range === undefined) return whole;
  if (request.ifRange !== undefined && request.ifRange !== etag) return whole;
  const match = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(request.range);
  if (!match || (match[1] === '' && match[2] === '')) return whole;
  const [, first, last] = match as unknown as [string, string, string];
  if (first === '') return lastBytes(Number(last), sizeBytes);
  const start = Number(first);
  const end = last === '' ? sizeBytes : Math.min(Number(last) + 1, sizeBytes);
  if (last !== '' && Number(last) < start) return whole;
  return start < sizeBytes ? { kind: 'part', start, end } : { kind: 'outside' };
}

function lastBytes(count: number, sizeBytes: number): ByteRange {
  if (count === 0 || sizeBytes === 0) return { kind: 'outside' };
  const start = Math.max(0, sizeBytes - count);
  return { kind: 'part', start, end: sizeBytes, ...(start > 0 && { isTail: true }) };
}
