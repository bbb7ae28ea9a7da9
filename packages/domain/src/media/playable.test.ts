import { expect, test } from 'vitest';
import type { MediaReport, MediaTrack } from './media-report.ts';
import { playableOriginal, playsInBrowsers } from './playable.ts';

const report = (...tracks: MediaTrack[]): MediaReport => ({
  reader: 'test',
  container: 'MPEG-4',
  tracks,
  details: {},
});

test.each([
  ['mix.wav', 'audio/wav'],
  ['STILL.JPG', 'image/jpeg'],
  ['film.mp4', 'video/mp4'],
  ['logo.svg', null],
  ['page.html', null],
  ['report.pdf', null],
  ['film.mov', null],
  ['x.constructor', null],
  ['wav', null],
])('%s is shown as %s', (name, type) => {
  expect(playableOriginal(name)?.type ?? null).toBe(type);
});

test.each([
  [
    'film.mp4',
    [
      { kind: 'picture', codec: 'AVC' },
      { kind: 'sound', codec: 'AAC LC' },
    ],
    true,
  ],
  ['film.mp4', [{ kind: 'picture', codec: 'HEVC' }], false],
  [
    'film.mp4',
    [
      { kind: 'picture', codec: 'AVC' },
      { kind: 'sound', codec: 'AC-3' },
    ],
    false,
  ],
  ['mix.wav', [{ kind: 'sound', codec: 'PCM' }], true],
  ['mix.wav', [{ kind: 'sound', codec: 'ADPCM' }], false],
  ['still.png', [{ kind: 'picture', codec: 'PNG' }], true],
  ['film.mov', [{ kind: 'picture', codec: 'AVC' }], false],
] as const)('%s with %j', (name, tracks, plays) => {
  expect(playsInBrowsers(name, report(...tracks))).toBe(plays);
});
