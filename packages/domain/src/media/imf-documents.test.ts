import fc from 'fast-check';
import { expect, test } from 'vitest';
import { imfPackageOf, mayBeImfDocument, readImfDocument, type ImfDocument } from './imf-documents.ts';

const uuid = (n: number) => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
const urn = (n: number) => `urn:uuid:${uuid(n)}`;
const head = '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n';

function assetMap(assets: [number, string][], prefix = ''): string {
  const p = prefix && `${prefix}:`;
  const list = assets.map(
    ([id, path]) =>
      `<${p}Asset><${p}Id>${urn(id)}</${p}Id><${p}ChunkList><${p}Chunk><${p}Path>${path}</${p}Path></${p}Chunk></${p}ChunkList></${p}Asset>`,
  );
  return `${head}<!-- <AssetMap/> made by a tool -->\n<${p}AssetMap xmlns${prefix && `:${prefix}`}="http://www.smpte-ra.org/schemas/429-9/2007/AM">\n  <${p}Id>${urn(1)}</${p}Id><${p}AssetList>${list.join('')}</${p}AssetList></${p}AssetMap>`;
}
const packingList = (ids: number[]) =>
  `${head}<PackingList xmlns="http://www.smpte-ra.org/schemas/2067-2/2016/PKL"><Id>${urn(2)}</Id><AssetList>${ids.map((id) => `<Asset><Id>${urn(id)}</Id><Hash>x</Hash></Asset>`).join('')}</AssetList></PackingList>`;
const composition = (ids: number[], title = 'Sound &amp; Vision') =>
  `${head}<cpl:CompositionPlaylist xmlns:cpl="http://www.smpte-ra.org/schemas/2067-3/2016"><cpl:Id>${urn(3)}</cpl:Id><cpl:ContentTitle language="en">${title}</cpl:ContentTitle><cpl:SegmentList><cpl:Segment><cpl:Id>${urn(4)}</cpl:Id>${ids.map((id) => `<cpl:Resource><cpl:Id>${urn(90 + id)}</cpl:Id><cpl:TrackFileId>${urn(id).toUpperCase().replace('URN:UUID', 'urn:uuid')}</cpl:TrackFileId></cpl:Resource>`).join('')}</cpl:Segment></cpl:SegmentList></cpl:CompositionPlaylist>`;
const read = (...texts: string[]) => texts.map((text) => readImfDocument(text)!);

test.each(['', 'am'])('each document is known by what it is, with the prefix %j too', (prefix) => {
  expect(
    readImfDocument(
      assetMap(
        [
          [10, 'a.mxf'],
          [11, 'sub/b &amp; c.mxf'],
        ],
        prefix,
      ),
    ),
  ).toEqual({
    kind: 'assetmap',
    id: uuid(1),
    assets: [
      { id: uuid(10), path: 'a.mxf' },
      { id: uuid(11), path: 'sub/b & c.mxf' },
    ],
  });
});

test('reads the title and the track files of a composition, each once', () => {
  expect(read(composition([10, 11, 10]))).toEqual([
    { kind: 'composition', id: uuid(3), title: 'Sound & Vision', tracks: [uuid(10), uuid(11)] },
  ]);
  expect(read(packingList([3, 10]))).toEqual([
    { kind: 'packing_list', id: uuid(2), assets: [uuid(3), uuid(10)] },
  ]);
});

test.each([
  '',
  '<a/>',
  `${head}<VolumeIndex><Index>1</Index></VolumeIndex>`,
  '<AssetMap></AssetMap>',
  `<tt><Id>${urn(1)}</Id></tt>`,
  'PKL',
])('%j is none of them', (text) => expect(readImfDocument(text)).toBeNull());

test('recognises a supplemental package by track files that it does not contain', () => {
  const files = ['ASSETMAP', 'VOLINDEX', 'PKL_x.xml', 'CPL_x.xml'];
  const documents = read(
    assetMap([
      [2, 'PKL_x.xml'],
      [3, 'CPL_x.xml'],
    ]),
    packingList([3]),
    composition([10, 11]),
  );
  expect(imfPackageOf(documents, files)).toEqual({
    id: uuid(2),
    title: 'Sound & Vision',
    elsewhere: [uuid(10), uuid(11)],
    missing: [],
  });
});

test('a package whose own files are missing is not supplemental', () => {
  const documents = read(
    assetMap([
      [3, 'CPL.xml'],
      [10, 'video.mxf'],
    ]),
    packingList([3, 10]),
    composition([10]),
  );
  expect(imfPackageOf(documents, ['in a folder/cpl.XML'])).toMatchObject({
    elsewhere: [],
    missing: [{ id: uuid(10), path: 'video.mxf' }],
  });
  expect(imfPackageOf(read(packingList([3])), [])).toBeNull();
});

test('survives documents that are cut off or mixed up', () => {
  const whole = assetMap([[10, 'a.mxf']]) + composition([10]);
  const places = fc.array(fc.nat(whole.length), { maxLength: 6 });
  fc.assert(
    fc.property(places, (cuts) => {
      const text = cuts
        .toSorted((one, other) => one - other)
        .reduce((rest, at) => rest.slice(0, at) + rest.slice(at + 7), whole);
      const found: ImfDocument | null = readImfDocument(text);
      expect(found === null || ['assetmap', 'packing_list', 'composition'].includes(found.kind)).toBe(true);
    }),
    { numRuns: 300 },
  );
  // Processor time, which a busy machine does not lengthen.
  const began = process.cpuUsage();
  for (const hostile of ['<Asset>', '<', '<!--', '<Asset><Id>', '<Id '].map((each) => each.repeat(100_000)))
    readImfDocument(`<AssetMap><Id>${urn(1)}</Id>${hostile}`);
  expect(process.cpuUsage(began).user).toBeLessThan(2_000_000);
});

test('reads only files that may be documents', () => {
  expect(
    ['ASSETMAP', 'a/assetmap', 'x.XML', 'a.mxf', 'ASSETMAP.txt'].map((path) => mayBeImfDocument(path, 10)),
  ).toEqual([true, true, true, false, false]);
  expect([mayBeImfDocument('a.xml', 0), mayBeImfDocument('a.xml', 10_000_000)]).toEqual([false, false]);
});
