import { expect, test } from 'vitest';
import { big, text, zeros } from '../testing/bytes.ts';
import { holdsForDamagedFiles } from '../testing/fuzz.ts';
import { aiff, atom, quickTime } from '../testing/movies.ts';
import { sourceOf } from '../testing/sources.ts';
import { limitedSource, mebibyte } from '../source.ts';
import { maxMemoryBytes } from './memory-limit.ts';
import { judge, readByMediaInfo } from './mediainfo.ts';
import { runMediaInfo, type RawTrack } from './run.ts';

const signal = new AbortController().signal;
const readMovie = (bytes: Buffer) => readByMediaInfo('quicktime', sourceOf(bytes), signal);
const readSound = (bytes: Buffer) => readByMediaInfo('aiff', sourceOf(bytes), signal);

test('reads a movie with its index at the end', async () => {
  expect(await readMovie(quickTime())).toMatchObject({
    kind: 'read',
    report: {
      reader: 'mediainfo 26.05',
      container: 'QuickTime',
      tracks: [
        { kind: 'sound', codec: 'PCM', channels: 2, sampleRate: 48_000, bitDepth: 16, durationMs: 100 },
      ],
    },
  });
});

test('reports a truncated movie, with the size that it should have', async () => {
  const movie = quickTime();
  const inspection = await readMovie(movie.subarray(0, 5000));
  expect(inspection).toMatchObject({ failure: 'truncated', facts: { foundBytes: 5000 } });
  expect(await readMovie(movie.subarray(0, -1))).toMatchObject({ facts: { expectedBytes: movie.length } });
});

test('reports a movie without an index as unreadable', async () => {
  const movie = quickTime();
  const withoutIndex = movie.subarray(0, movie.indexOf('moov') - 4);
  expect(await readMovie(withoutIndex)).toMatchObject({ facts: { reason: 'no_index' } });
});

test('reads a movie with bytes after its end', async () => {
  expect(await readMovie(Buffer.concat([quickTime(), zeros(3)]))).toMatchObject({ kind: 'read' });
  expect(await readMovie(Buffer.concat([quickTime(), Buffer.alloc(64, 0xee)]))).toMatchObject({
    kind: 'read',
  });
});

test('stops at boxes that never end', async () => {
  const many = Buffer.concat([
    atom('ftyp', text('qt  '), zeros(4)),
    ...Array.from({ length: 3000 }, () => atom('free')),
  ]);
  expect(await readMovie(many)).toMatchObject({ facts: { reason: 'no_tracks' } });
});

test('reads a second file independently of the first, even at the same time', async () => {
  const [one, other] = [aiff(1, 480), aiff(6, 4800)];
  const alone = [await readSound(one), await readSound(other)];
  expect(alone[0]).toMatchObject({ report: { tracks: [{ channels: 1, durationMs: 10 }] } });
  await readMovie(quickTime().subarray(0, 3000));
  await readSound(Buffer.concat([text('FORM'), big(4, 0xffff_ffff), text('AIFF'), Buffer.alloc(5000, 0xff)]));
  expect(await readSound(one)).toEqual(alone[0]);
  expect(await Promise.all([other, one, other].map(readSound))).toEqual([alone[1], alone[0], alone[1]]);
});

test('reads no more than its limit, and still judges a file whose end it did not reach', async () => {
  const bytes = aiff(2, 2_000_000);
  const source = limitedSource(bytes.length, mebibyte, (at, length) => bytes.subarray(at, at + length));
  expect(await readByMediaInfo('aiff', source, signal)).toMatchObject({
    report: { tracks: [{ channels: 2 }] },
  });
  expect(source.bytesRead).toBeLessThanOrEqual(mebibyte);
});

test('stops when it is cancelled', async () => {
  const cancel = new AbortController();
  const bytes = aiff(2, 100_000);
  const source = limitedSource(bytes.length, mebibyte, (at, length) => {
    cancel.abort(new Error('Cancelled.'));
    return bytes.subarray(at, at + length);
  });
  await expect(runMediaInfo(source, cancel.signal)).rejects.toThrow('Cancelled.');
});

test('returns a result for bytes that are no medium', async () => {
  expect(await readMovie(Buffer.alloc(100_000, 5))).toMatchObject({ failure: 'unreadable' });
});

test('returns a result for an index that expands beyond the allowed memory', async () => {
  const claimed = maxMemoryBytes * 2;
  const index = atom(
    'moov',
    atom('cmov', atom('dcom', text('zlib')), atom('cmvd', big(4, claimed), zeros(1000))),
  );
  const bomb = Buffer.concat([atom('ftyp', text('qt  '), zeros(4)), index]);
  expect(await readMovie(bomb)).toMatchObject({ facts: { reason: 'reader_failed' } });
});

test('survives damaged files', { timeout: 120_000 }, async () => {
  await holdsForDamagedFiles(
    quickTime({ samples: 48 }),
    (source) => readByMediaInfo('quicktime', source, signal),
    25,
  );
});

const general: RawTrack = { '@type': 'General', Format: 'MXF', Format_Profile: 'OP-1a', Duration: '2.002' };
const video: RawTrack = {
  '@type': 'Video',
  Format: 'HEVC',
  Format_Profile: 'Main 10',
  Format_Level: '5.1',
  Width: '3840',
  Height: '2160',
  FrameRate: '23.976',
  FrameRate_Num: '24000',
  FrameRate_Den: '1001',
  ScanType: 'Interlaced',
  ScanOrder: 'TFF',
  transfer_characteristics: 'PQ',
  colour_range: 'Limited',
  MaxCLL: '1000 cd/m2',
  MaxFALL: '400',
  MasteringDisplay_Luminance_Max: '4000',
};
const timecode = (first: string, settings = 'Material Package'): RawTrack => ({
  '@type': 'Other',
  Type: 'Time code',
  Format: 'MXF TC',
  TimeCode_FirstFrame: first,
  TimeCode_Settings: settings,
});
const judged = (...tracks: RawTrack[]) => judge({ version: '26.05', tracks: [general, ...tracks] }, 1);

test('converts texts of MediaInfo to numbers', () => {
  expect(judged(video)).toMatchObject({
    report: {
      container: 'MXF OP-1a',
      durationMs: 2002,
      tracks: [
        {
          codecProfile: 'Main 10@5.1',
          width: 3840,
          frameRate: [24_000, 1001],
          scan: 'interlaced',
          fieldOrder: 'top_first',
          range: 'limited',
          maxCll: 1000,
          maxFall: 400,
          masteringMax: 4000,
        },
      ],
    },
  });
});

test('takes the number of texts from MediaInfo, but not of TTML, which it miscounts', () => {
  const texts = (Format: string): RawTrack => ({ '@type': 'Text', Format, Events_Total: '34' });
  expect(judged(texts('EIA-608'))).toMatchObject({ report: { tracks: [{ kind: 'text', cues: 34 }] } });
  expect(judged(texts('TTML'))).not.toHaveProperty('report.tracks.0.cues');
});

test('omits impossible values', () => {
  const odd = {
    ...video,
    Width: '-5',
    BitDepth: '10 / 8',
    FrameRate_Den: '0',
    FrameRate: 'NaN',
    MaxCLL: { a: 1 },
  };
  const inspection = judged(odd);
  for (const key of ['width', 'bitDepth', 'frameRate', 'maxCll']) {
    expect(inspection).not.toHaveProperty(`report.tracks.0.${key}`);
  }
});

test('takes the start from the first timecode track', () => {
  expect(judged(video, timecode('00:59:50;00'))).toMatchObject({
    problems: [],
    report: { startTimecode: '00:59:50;00', dropFrame: true },
  });
});

test('reports timecodes that differ, in time or in the drop flag', () => {
  expect(judged(video, timecode('01:00:00:00'), timecode('00:58:00:00', 'Source Package'))).toMatchObject({
    problems: [{ code: 'timecode_differs', measured: '00:58:00:00', wanted: '01:00:00:00' }],
  });
  expect(judged(video, timecode('01:00:00;00'), timecode('01:00:00:00'))).toMatchObject({
    problems: [{ code: 'drop_frame_differs' }],
  });
  expect(judged({ ...video, TimeCode_FirstFrame: '10:00:00:00' }, timecode('01:00:00:00'))).toMatchObject({
    problems: [{ code: 'timecode_differs', measured: '10:00:00:00' }],
  });
});

test('reports where the container and the essence differ', () => {
  const differing = {
    ...video,
    Width_Original: '1920',
    colour_primaries: 'BT.709',
    colour_primaries_Original: 'BT.2020',
  };
  expect(judged(differing)).toMatchObject({
    problems: [
      { code: 'header_differs', track: 0, measured: 'width 1920', wanted: '3840' },
      { code: 'header_differs', track: 0, measured: 'colour primaries BT.2020', wanted: 'BT.709' },
    ],
  });
});

test('does not report the lines above the picture of D-10', () => {
  const d10 = { ...video, Height: '576', Height_Offset: '32', Height_Original: '608' };
  expect(judged(d10)).toMatchObject({ problems: [] });
});

test('lists no more tracks than a report allows', () => {
  const many = Array.from({ length: 500 }, (): RawTrack => ({
    '@type': 'Audio',
    Format: 'PCM',
    Channels: '1',
  }));
  const inspection = judged(...many);
  expect(inspection).toMatchObject({ report: { trackCount: 500 } });
  expect(inspection).toHaveProperty('report.tracks.length', 64);
});
