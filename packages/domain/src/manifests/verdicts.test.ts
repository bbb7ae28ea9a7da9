import { expect, test } from 'vitest';
import type { ChecksumAlgorithm } from '../media/checksums.ts';
import { reversedBytes } from './algorithms.ts';
import { checkEntry, notesOfEntries, verdictOfFile } from './verdicts.ts';

const file = (checksums: Partial<Record<ChecksumAlgorithm, string>>, isArriving = false) => ({
  sizeBytes: 5,
  isArriving,
  checksums: new Map(Object.entries(checksums) as [ChecksumAlgorithm, string][]),
});
const entry = (
  algorithms: ChecksumAlgorithm[],
  value = 'aabbccdd00112233',
  sizeBytes: number | null = null,
) => ({
  algorithms,
  value,
  sizeBytes,
});

test.each([
  ['the same', entry(['xxh64']), file({ xxh64: 'aabbccdd00112233' }), 'match xxh64 –'],
  [
    'the same by the second algorithm',
    entry(['xxh64', 'xxh3']),
    file({ xxh64: '0', xxh3: 'aabbccdd00112233' }),
    'match xxh3 –',
  ],
  ['reversed', entry(['xxh64']), file({ xxh64: '33221100ddccbbaa' }), 'match xxh64 – reversed_bytes'],
  ['reversed, of MD5', entry(['md5']), file({ md5: '33221100ddccbbaa' }), 'differs md5 –'],
  ['another', entry(['md5']), file({ md5: '0' }), 'differs md5 –'],
  ['not computed', entry(['sha1']), file({ md5: '0' }), 'pending – sha1'],
  ['one of two not computed', entry(['xxh64', 'xxh3']), file({ xxh64: '0' }), 'pending – xxh3'],
  ['still arriving', entry(['md5']), file({}, true), 'pending – –'],
  ['no file', entry(['md5']), null, 'missing – –'],
  ['nothing that the hub computes', entry([]), file({ md5: '0' }), 'uncheckable – –'],
  ['another size', entry(['sha1'], 'aa', 6), file({}), 'differs – – other_size'],
  ['the same size', entry(['md5'], 'aa', 5), file({ md5: 'aa' }), 'match md5 –'],
])('%s', (_, listed, checked, expected) => {
  const { verdict, algorithm, wants, notes } = checkEntry(listed, checked);
  expect([verdict, algorithm ?? '–', wants ?? '–', ...notes].join(' ')).toBe(expected);
});

test('the worst verdict decides for a file', () => {
  expect(verdictOfFile([])).toBe('extra');
  expect(verdictOfFile(['match', 'differs', 'pending'])).toBe('differs');
  expect(verdictOfFile(['pending', 'match', 'uncheckable'])).toBe('match');
  expect(verdictOfFile(['uncheckable', 'pending'])).toBe('pending');
  expect(verdictOfFile(['uncheckable'])).toBe('uncheckable');
});

test('notes entries of one file that repeat or contradict each other', () => {
  const of = (algorithm: ChecksumAlgorithm, value: string) => ({
    path: 'a',
    algorithms: [algorithm],
    value,
    sizeBytes: null,
    line: 1,
    notes: [],
  });
  expect(notesOfEntries([of('md5', 'a'), of('sha1', 'b')])).toEqual([]);
  expect(notesOfEntries([of('md5', 'a'), of('md5', 'a')])).toEqual(['repeated']);
  expect(notesOfEntries([of('md5', 'a'), of('md5', 'b')])).toEqual(['contradictory']);
});

test('reverses the bytes of xxHash only', () => {
  expect(reversedBytes('xxh32', 'aabbccdd')).toBe('ddccbbaa');
  expect(reversedBytes('crc32', 'aabbccdd')).toBeNull();
});
