import { expect, test } from 'vitest';
import type { StageView } from '@turnover/domain/media/stages';
import { describeStages, stageFacts, stageName, stageReason } from './stage-words.ts';

const run: StageView = {
  stage: 'x-studio.loudness',
  mode: 'real',
  status: 'done',
  progress: 1,
  startAt: null,
  endAt: null,
  place: null,
  failure: null,
  skipReason: null,
  informs: false,
  skipNote: null,
  attempt: null,
  problems: 0,
  facts: { integrated: -23.5, limited: true, tool: '<b>meter</b>', constructor: 'x' },
  words: { name: { en: 'Loudness' }, outcome: null, facts: { integrated: { en: 'Integrated (LUFS)' } } },
};

test('an external stage has its own texts, and facts without a label show their key', () => {
  expect(stageName(run)).toBe('Loudness');
  expect(stageReason(run)).toBeNull();
  expect(stageFacts(run)).toEqual([
    { label: 'Integrated (LUFS)', value: '-23.5' },
    { label: 'limited', value: 'Yes' },
    { label: 'tool', value: '<b>meter</b>' },
    { label: 'constructor', value: 'x' },
  ]);
});

test('the reason comes from the stage, or from Turnover for its own codes', () => {
  const words = { ...run.words!, outcome: { en: 'Too loud.' } };
  expect(stageReason({ ...run, failure: 'too_loud', words })).toBe('Too loud.');
  expect(stageReason({ ...run, failure: 'took_too_long' })).toMatch(/took too long/);
  expect(stageReason({ ...run, skipReason: 'not_installed' })).toMatch(/no longer installed/);
});

test('says why some previews are missing', () => {
  const preview = { ...run, stage: 'preview', words: null };
  const facts = { previews: 'poster thumbnail', missing: 'preview_too_slow' };
  expect(stageReason({ ...preview, facts })).toMatch(/took too long/);
  expect(stageReason({ ...preview, facts: { previews: 'poster' } })).toBeNull();
  expect(stageReason({ ...preview, stage: 'x-studio.loudness', facts })).toBeNull();
});

test('shows codes without a text unchanged', () => {
  expect(stageName({ ...run, words: null })).toBe('x-studio.loudness');
  expect(stageReason({ ...run, failure: 'constructor', words: null })).toBe('constructor');
});

test('hides the facts of built-in stages', () => {
  expect(stageFacts({ ...run, stage: 'checksum', words: null })).toEqual([]);
});

test('says of how many tracks the sound was measured when some are left out', () => {
  const measured = (facts: StageView['facts']) =>
    stageFacts({ ...run, stage: 'signal', words: null, facts: { truePeakDbtp: -1, ...facts } });
  const peak = { label: 'True peak', value: '-1.0 dBTP' };
  expect(measured({ soundTracks: 10, soundTracksMeasured: 8 })).toEqual([
    peak,
    { label: 'Tracks of sound measured', value: 'The first 8 of 10' },
  ]);
  expect(measured({ soundTracks: 8, soundTracksMeasured: 8 })).toEqual([peak]);
  expect(measured({})).toEqual([peak]);
});

test('says the place in the queue and when the last stage is expected to end', () => {
  const end = new Date(2026, 10, 29, 16, 31).getTime();
  const none = { ...run, words: null, facts: {} };
  const queued: StageView = {
    ...none,
    stage: 'encode',
    mode: 'simulated',
    status: 'waiting',
    progress: 0,
    place: 6,
  };
  const progressOf = () => 0.42;
  /** Replaces the non-breaking space of a percentage by a plain one. */
  const spaced = (text: string) => text.replaceAll(/\s/g, ' ');
  expect(describeStages([{ ...queued, endAt: end }], progressOf)).toBe('#7 in queue · about 16:31');
  expect(describeStages([{ ...queued, endAt: end }], progressOf, 'named')).toBe(
    'Encode (simulated): #7 in queue · about 16:31',
  );
  expect(describeStages([queued], progressOf)).toBe('#7 in queue');
  const running: StageView = { ...none, stage: 'checksum', status: 'running', endAt: end - 60_000 };
  expect(spaced(describeStages([running, { ...queued, endAt: end }], progressOf))).toBe(
    'Checksum 42 % · about 16:31',
  );
  // The end of the file is unknown while one of its stages has none.
  expect(spaced(describeStages([running, queued], progressOf))).toBe('Checksum 42 %');
});

test('says which attempt runs, or when the next one begins', () => {
  const at = new Date(2026, 10, 29, 16, 31).getTime();
  const stage: StageView = { ...run, stage: 'checksum', words: null, status: 'waiting', facts: {} };
  const progressOf = () => 0;
  expect(describeStages([{ ...stage, attempt: { number: 2, of: 3, at } }], progressOf)).toBe(
    'Checksum: try 2 of 3 · next at 16:31',
  );
  const now: StageView = { ...stage, status: 'running', attempt: { number: 3, of: 3, at: null } };
  expect(describeStages([now], progressOf)).toBe('Checksum: try 3 of 3');
});

test('a skipped stage shows the reason that the person gave', () => {
  const skipped: StageView = { ...run, status: 'skipped', skipReason: 'by_person', skipNote: 'Seen by eye' };
  expect(stageReason(skipped)).toBe('A coordinator skipped it: Seen by eye');
});
