import { expect, test } from 'vitest';
import type { MediaReport, MediaTrack, PictureTrack } from '@turnover/domain/media/media-report';
import { crossChecks } from './cross-checks.ts';

const picture: PictureTrack = { kind: 'picture', durationMs: 10_000, frameRate: [24_000, 1001] };
const sound = (durationMs: number): MediaTrack => ({ kind: 'sound', durationMs });

function check(tracks: MediaTrack[], facts: Partial<MediaReport> = {}) {
  return crossChecks({ reader: 'test', container: 'QuickTime', tracks, details: {}, ...facts });
}

test('the length of sound may differ from the picture by one frame', () => {
  expect(check([picture, sound(10_042), sound(9_958)])).toEqual([]);
  expect(check([sound(10_000), picture, sound(10_050)])).toEqual([
    { code: 'tracks_unequal', track: 2, measured: '10.050 s', wanted: '10.000 s' },
  ]);
});

test('compares sound without a picture, and ignores tracks without a duration', () => {
  expect(check([sound(1000), { kind: 'sound' }, sound(2000)])).toMatchObject([
    { track: 2, wanted: '1.000 s' },
  ]);
  expect(check([{ kind: 'text', durationMs: 5 }, picture, { kind: 'other', durationMs: 1 }])).toEqual([]);
  expect(check([])).toEqual([]);
});

test('a drop frame timecode needs a rate that drops frames', () => {
  const at = (over: number, under: number) =>
    check([{ kind: 'picture', frameRate: [over, under] }], { dropFrame: true, startTimecode: '01:00:00;00' });
  expect(at(30_000, 1001)).toEqual([]);
  expect(at(60_000, 1001)).toEqual([]);
  expect(at(24_000, 1001)).toEqual([
    { code: 'drop_frame_differs', measured: '01:00:00;00', wanted: 'non-drop at 23.976' },
  ]);
  expect(at(25, 1)).toHaveLength(1);
});

test('PQ needs a mastering display; HLG does not', () => {
  const hdr = (facts: Partial<PictureTrack>) =>
    check([{ kind: 'picture', ...facts }]).map(({ code }) => code);
  expect(hdr({ transfer: 'PQ' })).toEqual(['hdr_incomplete']);
  expect(hdr({ transfer: 'PQ', masteringMax: 1000 })).toEqual([]);
  expect(hdr({ transfer: 'HLG' })).toEqual([]);
});

test('light levels rise from MaxFALL to MaxCLL to the peak', () => {
  const hdr = (maxFall: number, maxCll: number, masteringMax: number) =>
    check([{ kind: 'picture', transfer: 'PQ', maxFall, maxCll, masteringMax }]);
  expect(hdr(400, 1000, 1000)).toEqual([]);
  expect(hdr(0, 0, 1000)).toEqual([]);
  expect(hdr(500, 400, 300)).toEqual([
    { code: 'hdr_levels', track: 0, measured: 'MaxFALL 500', wanted: 'at most MaxCLL 400' },
    { code: 'hdr_levels', track: 0, measured: 'MaxCLL 400', wanted: 'at most mastering peak 300' },
  ]);
});
