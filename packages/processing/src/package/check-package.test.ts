import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { maxImfDocumentBytes } from '@turnover/domain/media/imf-documents';
import { mediaProblem } from '@turnover/domain/media/media-problems';
import { checkPackage } from './check-package.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'turnover-package-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const id = (n: number) => `<Id>urn:uuid:${uuid(n)}</Id>`;
const sha1 = (content: string) => createHash('sha1').update(content).digest('base64');

type Resource = { track?: number; rate?: string; intrinsic?: number; entry?: number; source?: number };
function resource({ track = 10, rate = '24 1', intrinsic = 48, entry = 0, source = 48 }: Resource = {}) {
  return (
    `<Resource>${id(99)}<EditRate>${rate}</EditRate><IntrinsicDuration>${intrinsic}</IntrinsicDuration>` +
    `<EntryPoint>${entry}</EntryPoint><SourceDuration>${source}</SourceDuration>` +
    `<TrackFileId>urn:uuid:${uuid(track)}</TrackFileId></Resource>`
  );
}
const sound = { track: 11, rate: '48000 1', intrinsic: 96_000, source: 96_000 };
function composition(picture: string, audio = resource(sound), head = '') {
  return (
    `<CompositionPlaylist>${id(3)}<ContentTitle>Polar Light</ContentTitle><EditRate>24 1</EditRate>${head}` +
    `<SegmentList><Segment>${id(4)}<SequenceList><c:MainImageSequence xmlns:c="x"><ResourceList>${picture}</ResourceList>` +
    `</c:MainImageSequence><MainAudioSequence><ResourceList>${audio}</ResourceList></MainAudioSequence>` +
    `</SequenceList></Segment></SegmentList></CompositionPlaylist>`
  );
}
const described = (rate: string) =>
  `<EssenceDescriptorList><D><AudioSampleRate>${rate}</AudioSampleRate><RFC5646SpokenLanguage>es</RFC5646SpokenLanguage></D></EssenceDescriptorList>`;
const cpl = composition(resource(), resource(sound), described('48000/1'));
const names: Record<number, string> = { 2: 'PKL.xml', 3: 'CPL.xml', 10: 'video.mxf', 11: 'audio 1.mxf' };

function map(ids: number[]) {
  const asset = (n: number) =>
    `<Asset>${id(n)}${n === 2 ? '<PackingList>true</PackingList>' : ''}<ChunkList><Chunk><Path>${encodeURI(names[n]!)}</Path></Chunk></ChunkList></Asset>`;
  return `<AssetMap>${id(1)}<AssetList>${ids.map(asset).join('')}</AssetList></AssetMap>`;
}
function list(assets: [number, number, string?][]) {
  const asset = ([n, size, hash = '']: [number, number, string?]) =>
    `<Asset>${id(n)}<Hash>${hash}</Hash><Size>${size}</Size></Asset>`;
  return `<PackingList>${id(2)}<AssetList>${assets.map(asset).join('')}</AssetList></PackingList>`;
}

type Delivery = {
  map?: string;
  cpl?: string;
  pkl?: string;
  dolbyVision?: string;
  without?: string[];
  inFolder?: string;
  /** The hub compares the packing list as a checksum list. */
  isCompared?: boolean;
};
function check({
  map: mapText,
  cpl: played = cpl,
  pkl,
  dolbyVision,
  without = [],
  inFolder = '',
  isCompared = false,
}: Delivery = {}) {
  const written: Record<string, string> = {
    'ASSETMAP.xml': mapText ?? map([2, 3, 10, 11]),
    'PKL.xml':
      pkl ??
      list([
        [3, played.length, sha1(played)],
        [10, 100],
        [11, 200],
      ]),
    'CPL.xml': played,
    ...(dolbyVision !== undefined && { 'dolby.xml': dolbyVision }),
  };
  const siblings = [...Object.keys(written), 'video.mxf', 'audio 1.mxf']
    .filter((name) => !without.includes(name))
    .map((name) => {
      const content = written[name];
      const path = content === undefined ? null : join(folder, name);
      if (path !== null) writeFileSync(path, content!);
      const sizeBytes = content?.length ?? (name === 'video.mxf' ? 100 : 200);
      return {
        name: `${inFolder}${name}`,
        sizeBytes,
        sha1: null,
        path,
        isChecksumList: isCompared && name === 'PKL.xml',
      };
    });
  return checkPackage({ path: join(folder, 'ASSETMAP.xml'), name: `${inFolder}ASSETMAP.xml`, siblings });
}
const codes = (delivery?: Delivery) => check(delivery)?.problems.map(({ code }) => code);

test('finds no problem in a complete package, whatever its folder', () => {
  const facts = { files: 4, compositions: 1, trackFiles: 2, elsewhere: 0, languages: 'es' };
  expect(check()).toEqual({ facts, problems: [] });
  expect(check({ inFolder: 'IMF/ñ/' })).toEqual({ facts, problems: [] });
});

test('names the missing files', () => {
  expect(check({ without: ['audio 1.mxf', 'CPL.xml'] })?.problems).toEqual([
    { code: 'package_file_missing', measured: 'CPL.xml' },
    { code: 'package_file_missing', measured: 'audio%201.mxf' },
  ]);
  expect(codes({ without: ['PKL.xml'] })).toEqual(['package_file_missing', 'package_no_list']);
  expect(codes({ map: map([2, 3, 10]) })).toEqual(['package_not_mapped']);
});

test('compares sizes and checksums with the packing list', () => {
  const sized = list([
    [3, cpl.length, sha1('other')],
    [10, 101],
    [11, 200],
  ]);
  expect(check({ pkl: sized })?.problems).toEqual([
    { code: 'package_hash_differs', measured: 'CPL.xml', wanted: 'PKL.xml' },
    { code: 'package_size_differs', measured: 'video.mxf (100 B)', wanted: '101 B' },
  ]);
  expect(codes({ pkl: '<PackingList>' })).toEqual(['package_list_unreadable', 'package_no_list']);
});

test('leaves to the comparison of checksum lists what a packing list states', () => {
  const isCompared = true;
  const wrong = list([
    [3, cpl.length, sha1('other')],
    [10, 101],
  ]);
  expect(codes({ pkl: wrong, isCompared })).toEqual([]);
  expect(codes({ pkl: wrong, isCompared, map: map([2, 3, 11]) })).toEqual([]);
  // The packing list does not name the second sound.
  expect(check({ pkl: wrong, isCompared, without: ['video.mxf', 'audio 1.mxf'] })?.problems).toEqual([
    { code: 'package_file_missing', measured: 'audio%201.mxf' },
  ]);
});

test('reports a supplemental package as a note only', () => {
  expect(
    check({ cpl: composition(resource({ track: 77 }), resource(sound), described('48000/1')) }),
  ).toMatchObject({
    facts: { elsewhere: 1 },
    problems: [{ code: 'package_supplements', measured: '1', wanted: uuid(77) }],
  });
});

test.each([
  ['composition_rate_differs', resource({ rate: '25 1', intrinsic: 50, source: 50 })],
  ['composition_beyond_file', resource({ entry: 1 })],
  ['composition_lengths_differ', resource({ source: 40 })],
])('%s', (code, picture) => {
  expect(codes({ cpl: composition(picture, resource(sound), described('48000/1')) })).toEqual([code]);
});

test('sound must have a rate that IMF allows, and a language', () => {
  expect(codes({ cpl: composition(resource(), resource(sound), described('44100/1')) })).toEqual([
    'composition_sample_rate',
  ]);
  expect(codes({ cpl: composition(resource()) })).toEqual(['composition_no_language']);
});

test('sums up the resources of a sequence', () => {
  const two = resource({ source: 20 }) + resource({ entry: 20, source: 28 });
  expect(codes({ cpl: composition(two, resource(sound), described('48000/1')) })).toEqual([]);
});

test('Dolby Vision metadata beside the package have the edit rate of a composition', () => {
  const dolbyVision = (rate: string) =>
    `<DolbyLabsMDF version="2.0.5"><EditRate>${rate}</EditRate></DolbyLabsMDF>`;
  expect(check({ dolbyVision: dolbyVision('24 1') })?.problems).toEqual([]);
  expect(check({ dolbyVision: dolbyVision('48 2') })?.problems).toEqual([]);
  expect(check({ dolbyVision: dolbyVision('24000 1001') })?.problems).toEqual([
    { code: 'dolby_vision_rate_differs', measured: 'dolby.xml: 24000 1001', wanted: '24 1' },
  ]);
  expect(codes({ dolbyVision: '<DolbyLabsMDF>' })).toEqual(['dolby_vision_not_compared']);
  expect(codes({ dolbyVision: '<DolbyLabsMDFs/>' })).toEqual([]);
  const alone = check({ dolbyVision: dolbyVision('24 1'), without: ['CPL.xml'] });
  expect(alone?.problems).toContainEqual({
    code: 'dolby_vision_not_compared',
    measured: 'dolby.xml: 24 1',
  });
});

test('reads the rate of Dolby Vision metadata that are larger than any document of a package', () => {
  const shots = '<Shot><Record><Duration>1</Duration></Record></Shot>'.repeat(60_000);
  const large = (rate: string) =>
    `<DolbyLabsMDF version="5.1.0"><EditRate>${rate}</EditRate>${shots}</DolbyLabsMDF>`;
  expect(large('25 1').length).toBeGreaterThan(maxImfDocumentBytes);
  expect(codes({ dolbyVision: large('24 1') })).toEqual([]);
  expect(codes({ dolbyVision: large('25 1') })).toEqual(['dolby_vision_rate_differs']);
});

test('is not an asset map', () => {
  for (const text of ['', '<a/>', '<AssetMap>', cpl, '<!DOCTYPE a><AssetMap/>'])
    expect(check({ map: text })).toBeNull();
});

test('never throws for damaged documents', () => {
  const damaged = (valid: string) =>
    fc
      .tuple(fc.nat(valid.length), fc.nat(40), fc.string({ unit: 'binary', maxLength: 20 }))
      .map(([at, gone, put]) => valid.slice(0, at) + put + valid.slice(at + gone));
  fc.assert(
    fc.property(damaged(map([2, 3, 10, 11])), damaged(cpl), (mapText, played) => {
      for (const problem of check({ map: mapText, cpl: played })?.problems ?? []) mediaProblem.parse(problem);
    }),
    { numRuns: 100 },
  );
});
