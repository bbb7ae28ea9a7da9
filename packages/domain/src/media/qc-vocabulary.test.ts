import { expect, test } from 'vitest';
import { qcTermOfProblem, qcTermOfReason } from './qc-vocabulary.ts';

test('a problem has the category and the term, or the category alone', () => {
  expect(qcTermOfProblem('clipping', 'audio')).toEqual({ category: 'AUDIO', term: 'CLIPPING' });
  expect(qcTermOfProblem('resolution_unwanted', 'picture')).toEqual({ category: 'VIDEO', term: null });
});

test('a damaged file has the term of its kind', () => {
  expect(qcTermOfProblem('truncated', 'audio')).toEqual({ category: 'AUDIO', term: 'CORRUPT' });
  expect(qcTermOfProblem('truncated', 'timed_text')).toEqual({
    category: 'TIMED-TEXT',
    term: 'CORRUPT-FILE',
  });
  expect(qcTermOfReason('unreadable', 'picture')).toEqual({ category: 'VIDEO', term: null });
});

test('what the vocabulary has no place for has no code', () => {
  expect(qcTermOfProblem('wish_not_compared', 'picture')).toBeNull();
  // A missing preview does not prove that the file is damaged.
  expect(qcTermOfProblem('not_decodable', 'picture')).toBeNull();
  expect(qcTermOfProblem('crashed', 'audio')).toBeNull();
  expect(qcTermOfProblem('constructor', 'audio')).toBeNull();
  expect(qcTermOfReason('creative_change')).toBeNull();
  expect(qcTermOfReason('rsn_01HZZZZZZZZZZZZZZZZZZZZZZZ')).toBeNull();
});
