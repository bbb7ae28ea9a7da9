import { describe, expect, test } from 'vitest';
import { readRange } from './byte-range.ts';

const etag = '"abc"';

describe('readRange of a file of 100 bytes', () => {
  test.each([
    [undefined, { kind: 'whole' }],
    ['bytes=0-', { kind: 'part', start: 0, end: 100 }],
    ['bytes=0-0', { kind: 'part', start: 0, end: 1 }],
    ['bytes=10-19', { kind: 'part', start: 10, end: 20 }],
    ['bytes=90-1000', { kind: 'part', start: 90, end: 100 }],
    ['bytes=-10', { kind: 'part', start: 90, end: 100, isTail: true }],
    ['bytes=-1000', { kind: 'part', start: 0, end: 100 }],
    ['bytes=100-', { kind: 'outside' }],
    ['bytes=99999999999999999999-', { kind: 'outside' }],
    ['bytes=-0', { kind: 'outside' }],
    ['bytes=20-10', { kind: 'whole' }],
    ['bytes=-', { kind: 'whole' }],
    ['bytes=0-1,5-6', { kind: 'whole' }],
    ['lines=0-1', { kind: 'whole' }],
    ['bytes=a-b', { kind: 'whole' }],
  ])('%s', (range, expected) => {
    expect(readRange({ range, ifRange: undefined }, 100, etag)).toEqual(expected);
  });

  test('honours If-Range only when it names exactly these bytes', () => {
    const part = { kind: 'part', start: 10, end: 100 };
    expect(readRange({ range: 'bytes=10-', ifRange: etag }, 100, etag)).toEqual(part);
    expect(readRange({ range: 'bytes=10-', ifRange: '"other"' }, 100, etag)).toEqual({ kind: 'whole' });
    expect(readRange({ range: 'bytes=10-', ifRange: `W/${etag}` }, 100, etag)).toEqual({ kind: 'whole' });
  });

  test('finds no range in an empty file', () => {
    expect(readRange({ range: 'bytes=0-', ifRange: undefined }, 0, etag)).toEqual({ kind: 'outside' });
    expect(readRange({ range: 'bytes=-5', ifRange: undefined }, 0, etag)).toEqual({ kind: 'outside' });
  });
});
