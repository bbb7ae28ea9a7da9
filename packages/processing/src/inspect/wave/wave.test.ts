import { expect, test } from 'vitest';
import { text, u16, u32, zeros } from '../testing/bytes.ts';
import { holdsForDamagedFiles } from '../testing/fuzz.ts';
import { sourceOf } from '../testing/sources.ts';
import { bext, chunk, ds64, fmt, iXml, oneSecond, riff, type ChunkBytes } from '../testing/waves.ts';
import { readWave } from './wave.ts';

const read = (bytes: Buffer, name = 'mix.wav') => readWave(sourceOf(bytes), name);

function reportOf(chunks: readonly ChunkBytes[], name?: string) {
  const inspection = read(riff(chunks), name);
  if (inspection.kind !== 'read') throw new Error(JSON.stringify(inspection));
  return inspection.report;
}

test('reads format and duration', () => {
  expect(read(riff([fmt(), oneSecond]))).toEqual({
    kind: 'read',
    problems: [],
    report: {
      reader: 'turnover',
      container: 'WAVE',
      durationMs: 1000,
      bitRate: 2_304_000,
      tracks: [
        {
          kind: 'sound',
          codec: 'PCM',
          channels: 2,
          sampleRate: 48_000,
          bitRate: 2_304_000,
          bitDepth: 24,
          durationMs: 1000,
        },
      ],
      details: {},
    },
  });
});

test('names the channels by the mask of an extensible format', () => {
  const [track] = reportOf([fmt({ channels: 6, mask: 0x60f }), oneSecond]).tracks;
  expect(track).toMatchObject({ channels: 6, layout: 'L R C LFE Ls Rs' });
});

test('states no layout when the mask does not match the channels', () => {
  const [track] = reportOf([fmt({ channels: 4, mask: 0x60f }), oneSecond]).tracks;
  expect(track).not.toHaveProperty('layout');
});

test('distinguishes 32-bit float from integers', () => {
  const [track] = reportOf([fmt({ bits: 32, tag: 3 }), oneSecond]).tracks;
  expect(track).toMatchObject({ codec: 'PCM', bitDepth: 32, isFloat: true });
});

test('takes the sizes of RF64 and BW64 from ds64', () => {
  for (const outer of ['RF64', 'BW64']) {
    const chunks = [ds64(0, oneSecond.bytes.length), fmt(), { ...oneSecond, stated: 0xffff_ffff }];
    const total = riff(chunks).length - 8;
    chunks[0] = ds64(total, oneSecond.bytes.length);
    const inspection = read(riff(chunks, { outer, stated: 0xffff_ffff }));
    expect(inspection).toMatchObject({
      kind: 'read',
      problems: [],
      report: { container: outer, durationMs: 1000 },
    });
  }
});

test('reads the statements of a broadcast wave, with its loudness', () => {
  const { details } = reportOf([bext(), fmt(), oneSecond]);
  expect(details).toMatchObject({
    'bext.description': 'Final mix',
    'bext.originator': 'Demo House',
    'bext.loudness': '-23.00 LUFS',
    'bext.maxTruePeak': '-1.50 dBTP',
    'bext.codingHistory': 'A=PCM,F=48000,W=24,M=stereo',
  });
  expect(details).not.toHaveProperty('bext.maxMomentary');
});

test('computes the start timecode with the rate of iXML', () => {
  const chunks = (rate: string, flag: string, samples: number) => [
    bext({ timeReference: samples }),
    iXml(rate, flag, ['Boom', 'Lav']),
    fmt(),
    oneSecond,
  ];
  expect(reportOf(chunks('25/1', 'NDF', 172_800_000))).toMatchObject({
    startTimecode: '01:00:00:00',
    dropFrame: false,
    details: { 'iXML.tracks': 'Boom, Lav', 'iXML.project': 'Demo' },
  });
  // One hour at 23.976 frames per second lasts 3603.6 s.
  expect(reportOf(chunks('24000/1001', 'NDF', 172_972_800)).startTimecode).toBe('01:00:00:00');
  expect(reportOf(chunks('30000/1001', 'DF', 172_800_000)).startTimecode).toBe('01:00:00;00');
});

test('takes the rate from the name when there is no iXML', () => {
  const chunks = [bext({ timeReference: 172_972_800 }), fmt(), oneSecond];
  expect(reportOf(chunks, 'show_48k_24b_23976.L.wav').startTimecode).toBe('01:00:00:00');
  expect(reportOf(chunks, 'show.wav')).not.toHaveProperty('startTimecode');
});

test('notes an audio definition model', () => {
  const { details } = reportOf([
    fmt(),
    chunk('chna', u16(4, 4)),
    chunk('axml', text('<ebuCoreMain/>')),
    oneSecond,
  ]);
  expect(details).toEqual({ 'adm.tracks': '4', 'adm.xmlBytes': '14' });
});

test('reports a file without sound as empty', () => {
  expect(read(riff([fmt(), chunk('data', zeros(0))]))).toMatchObject({ failure: 'empty' });
});

test('reports a file whose sound ends early as truncated', () => {
  const whole = riff([fmt(), oneSecond]);
  const inspection = read(whole.subarray(0, 1000));
  expect(inspection).toEqual({
    kind: 'failed',
    failure: 'truncated',
    facts: { expectedBytes: whole.length, foundBytes: 1000 },
  });
});

test('reports a file that lacks the chunks after the sound as truncated', () => {
  const whole = riff([fmt(), oneSecond, chunk('LIST', zeros(100))]);
  expect(read(whole.subarray(0, whole.length - 108))).toMatchObject({ failure: 'truncated' });
});

test('reads until the end of the file when the recorder left the sizes open', () => {
  const open = riff([fmt(), { ...oneSecond, stated: 0 }], { stated: 0 });
  expect(read(open)).toMatchObject({ kind: 'read', report: { durationMs: 1000 }, problems: [] });
});

test('reports bytes after the end that the header states', () => {
  const bytes = riff([fmt(), oneSecond], { behind: zeros(5000) });
  expect(read(bytes)).toMatchObject({ problems: [{ code: 'header_differs' }] });
});

test('reports sound that ends within a sample', () => {
  const bytes = riff([fmt(), chunk('data', zeros(6002))]);
  expect(read(bytes)).toMatchObject({ problems: [{ code: 'header_differs', wanted: 'a multiple of 6' }] });
});

test('reports what is missing', () => {
  expect(read(riff([oneSecond]))).toMatchObject({ facts: { reason: 'no_format_chunk' } });
  expect(read(riff([fmt()]))).toMatchObject({ facts: { reason: 'no_data_chunk' } });
  expect(read(Buffer.concat([riff([fmt(), chunk('data', zeros(0))]), zeros(4096)]))).toMatchObject({
    facts: { reason: 'damaged_header' },
  });
});

test('expands no entities of iXML', () => {
  const bomb =
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><BWFXML><NOTE>&b;</NOTE></BWFXML>';
  expect(reportOf([fmt(), chunk('iXML', text(bomb)), oneSecond]).details).toEqual({});
});

test('cuts texts that are too long, and shows invisible characters', () => {
  const long = [bext({ description: 'x'.repeat(256) }), fmt(), oneSecond];
  expect(reportOf(long).details['bext.description']).toHaveLength(200);
  const hidden = [bext({ description: 'a\u001b[31mb' }), fmt(), oneSecond];
  expect(reportOf(hidden).details['bext.description']).toBe('a\uFFFD[31mb');
});

test('reads at most 512 chunks', () => {
  const many = Array.from({ length: 2000 }, () => chunk('junk', zeros(0)));
  expect(read(riff([...many, fmt(), oneSecond]))).toMatchObject({ facts: { reason: 'no_format_chunk' } });
});

test('reads only headers of a file of any size', () => {
  const source = sourceOf(riff([fmt(), chunk('data', zeros(6 * 1024 * 1024)), bext()]));
  readWave(source, 'mix.wav');
  expect(source.bytesRead).toBeLessThan(4096);
});

test('survives damaged files', async () => {
  const valid = riff([
    ds64(100_000, 600),
    bext(),
    iXml('25/1', 'NDF', ['Boom']),
    fmt({ mask: 3 }),
    chunk('data', zeros(600)),
  ]);
  await holdsForDamagedFiles(valid, (source) => readWave(source, 'mix.wav'));
  const rf64 = Buffer.concat([text('RF64'), u32(0xffff_ffff), valid.subarray(8)]);
  await holdsForDamagedFiles(rf64, (source) => readWave(source, 'show_23976.wav'));
});
