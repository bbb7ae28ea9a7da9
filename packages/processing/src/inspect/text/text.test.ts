import { describe, expect, test } from 'vitest';
import { layout, text } from '../testing/bytes.ts';
import { holdsForDamagedFiles } from '../testing/fuzz.ts';
import { sourceOf } from '../testing/sources.ts';
import { inspectDolbyVision, readDolbyVision } from './dolby-vision.ts';
import { readImf } from './imf.ts';
import { readTimedText, type TimedTextFormat } from './timed-text.ts';

function trackOf(format: TimedTextFormat, bytes: Buffer) {
  const inspection = readTimedText(format, sourceOf(bytes));
  return inspection.kind === 'read' ? inspection.report.tracks[0] : inspection;
}

const srt = '1\n00:00:01,000 --> 00:00:02,000\nHola, ¿qué tal?\n\n2\n00:00:03,000 --> 00:00:04,000\nFin\n';
const ttml =
  '<?xml version="1.0"?><tt:tt xmlns:tt="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ' +
  'xml:lang="es-419" ttp:frameRate="24" ttp:frameRateMultiplier="1000 1001" ttp:profile="http://www.w3.org/ns/ttml/profile/imsc1/text">' +
  '<tt:body><tt:div><tt:p>Uno</tt:p><tt:p>Dos</tt:p></tt:div></tt:body></tt:tt>';

test('counts the cues of each format', () => {
  expect(trackOf('subrip', Buffer.from(srt))).toEqual({
    kind: 'text',
    codec: 'SubRip',
    encoding: 'UTF-8',
    cues: 2,
  });
  const vtt = 'WEBVTT\n\n00:01.000 --> 00:02.000\nOne\n\n00:00:03.000 --> 00:00:04.000 line:0\nTwo\n';
  expect(trackOf('web_vtt', text(vtt))).toMatchObject({ cues: 2 });
  expect(
    trackOf('scenarist', text('Scenarist_SCC V1.0\n\n01:00:00:00\t9420 9420\n\n01:00:02;00\t942c\n')),
  ).toMatchObject({ cues: 2 });
  expect(trackOf('ttml', text(ttml))).toEqual({
    kind: 'text',
    codec: 'TTML',
    encoding: 'UTF-8',
    cues: 2,
    frameRate: [24_000, 1001],
    language: 'es-419',
    codecProfile: 'IMSC 1 Text',
  });
});

test('distinguishes the encodings', () => {
  expect(trackOf('subrip', Buffer.from(`\ufeff${srt}`, 'utf16le'))).toMatchObject({
    encoding: 'UTF-16',
    cues: 2,
  });
  expect(trackOf('subrip', Buffer.from(srt, 'latin1'))).toMatchObject({ encoding: 'Windows-1252', cues: 2 });
});

test('does not count the cues of truncated TTML', () => {
  const track = trackOf('ttml', text(ttml.slice(0, -30)));
  expect(track).toMatchObject({ language: 'es-419' });
  expect(track).not.toHaveProperty('cues');
});

test('reads the general block of EBU STL', () => {
  const stl = layout(1024 + 128, [
    [0, text('850STL25.01')],
    [14, text('0A')],
    [16, text('Demo Show')],
    [243, text('00042')],
    [256, text('10000000')],
  ]);
  const inspection = readTimedText('ebu_stl', sourceOf(stl));
  expect(inspection).toMatchObject({
    report: {
      container: 'EBU STL',
      tracks: [{ cues: 42, frameRate: [25, 1] }],
      details: { 'stl.language': '0A', 'stl.title': 'Demo Show', 'stl.start': '10000000' },
    },
  });
  expect(readTimedText('ebu_stl', sourceOf(stl.subarray(0, 500)))).toMatchObject({ failure: 'unreadable' });
});

test('survives damaged subtitles', async () => {
  for (const [format, bytes] of [
    ['ttml', text(ttml)],
    ['subrip', Buffer.from(srt)],
  ] as const) {
    await holdsForDamagedFiles(bytes, (source) => readTimedText(format, source));
  }
});

const id = '67be5fc8-87f1-4172-8d52-819ca14c7a20';

test('names the documents of an IMF package', () => {
  const pkl = `<PackingList xmlns="http://www.smpte-ra.org/schemas/2067-2/2016/PKL"><Id>urn:uuid:${id}</Id><AssetList/></PackingList>`;
  expect(readImf(sourceOf(text(pkl)))).toMatchObject({
    report: { container: 'IMF PKL', tracks: [], details: { id, assets: '0' } },
  });
  const cpl = `<CompositionPlaylist><Id>urn:uuid:${id}</Id><ContentTitle>Demo</ContentTitle></CompositionPlaylist>`;
  expect(readImf(sourceOf(text(cpl)))).toMatchObject({
    report: { container: 'IMF CPL', details: { title: 'Demo', trackFiles: '0' } },
  });
});

test('leaves other documents of a package alone', () => {
  expect(readImf(sourceOf(text('<VolumeIndex><Index>1</Index></VolumeIndex>')))).toMatchObject({
    kind: 'skipped',
  });
});

describe('Dolby Vision metadata', () => {
  const shot = (frames: number) => `<Shot><Record><In>0</In><Duration>${frames}</Duration></Record></Shot>`;
  const track = (rate: string) =>
    `<Outputs><Output><Video><Track>${rate}${shot(24)}${shot(48)}</Track></Video></Output></Outputs>`;

  test('state version, edit rate, shots and frames, in the forms of old and new versions', () => {
    const old = `<DolbyLabsMDF version="2.0.5">${track('<Rate><n>24000</n><d>1001</d></Rate>')}</DolbyLabsMDF>`;
    expect(readDolbyVision(old)).toEqual({
      version: '2.0.5',
      editRate: [24_000, 1001],
      shots: 2,
      frames: 72,
    });
    const recent = `<DolbyLabsMDF xmlns="http://www.dolby.com/schemas/dvmd/4_0_2"><Version>4.0.2</Version>${track('<EditRate>25 1</EditRate>')}</DolbyLabsMDF>`;
    expect(readDolbyVision(recent)).toEqual({ version: '4.0.2', editRate: [25, 1], shots: 2, frames: 72 });
    expect(inspectDolbyVision(sourceOf(text(recent)))).toMatchObject({
      report: { container: 'Dolby Vision XML', details: { editRate: '25/1', shots: '2', frames: '72' } },
    });
  });

  test('count nothing when the end is missing, and are not read with a document type', () => {
    const cut = `<DolbyLabsMDF version="2.0.5">${track('<EditRate>24 1</EditRate>')}`;
    expect(readDolbyVision(cut)).toMatchObject({ editRate: [24, 1], shots: undefined, frames: undefined });
    const bomb = `<!DOCTYPE x [<!ENTITY a "24 1">]><DolbyLabsMDF><EditRate>&a;</EditRate></DolbyLabsMDF>`;
    expect(readDolbyVision(bomb)).toBeNull();
    expect(inspectDolbyVision(sourceOf(text(bomb)))).toMatchObject({ failure: 'unreadable' });
    expect(readDolbyVision('<tt/>')).toBeNull();
  });

  test('survive damage', async () => {
    await holdsForDamagedFiles(
      text(`<DolbyLabsMDF version="2">${track('<EditRate>24 1</EditRate>')}</DolbyLabsMDF>`),
      inspectDolbyVision,
    );
  });
});
