import { describe, expect, test } from 'vitest';
import { manifestSampleBytes } from './manifest.ts';
import { isManifestName } from './names.ts';
import { looksLikeManifest } from './reading.ts';

const md5 = 'd41d8cd98f00b204e9800998ecf8427e';
const xxh64 = 'ef46db3751d8e999';
const sha1 = 'da39a3ee5e6b4b0d3255bfef95601890afd80709';

test.each([
  ['checksum.txt', true],
  ['CHECKSUMS.TXT', true],
  ['reel_1-checksum.txt', true],
  ['delivery/checksum.txt', true],
  ['a.mov.md5', true],
  ['A001.mhl', true],
  ['0001_Reel_2026-01-12_090000Z.mhl', true],
  ['frames.xxh128', true],
  ['mychecksum.txt', false],
  ['checksum.txt.mov', false],
  ['md5', false],
  ['cut.mov', false],
  ['notes.txt', false],
  ['MD5SUMS', true],
  ['SHA256SUMS', true],
  ['folder/SHA512SUMS', true],
  ['md5sum.txt', true],
  ['md5.txt', true],
  ['a.mov.md5.txt', true],
  ['checksums-sha256.txt', true],
  ['checksum_md5.txt', true],
  ['manifest-md5.txt', true],
  ['bag/tagmanifest-sha512.txt', true],
  ['a.xxh', true],
  ['a.xxh3', true],
  ['A.XXH128', true],
  ['card.sfv', true],
  ['list.hashdeep', true],
  ['Reel1.sha512', true],
  ['ascmhl/ascmhl_chain.xml', true],
  ['sha1sum.txt', true],
  ['PKL_0f3a.xml', true],
  ['imf/film.pkl.xml', true],
  ['packing-list.xml', true],
  ['CPL_0f3a.xml', false],
  ['ASSETMAP.xml', false],
  ['sparkpkl.xml', false],
  ['reel_xxhsums.txt', true],
  ['manifest.txt', false],
  ['hashing.txt', false],
  ['summary.txt', false],
  ['md5sums.mov', false],
  ['manifest-final.txt', false],
  ['c4.mov', false],
  ['shampoo.txt', false],
  ['digest.mov', false],
  ['xxh3.wav', false],
  ['MD5', false],
])('the name %j promises a list: %s', (name, promises) => {
  expect(isManifestName(name)).toBe(promises);
});

describe('what a list looks like', () => {
  test.each([
    ['md5sum', `${md5}  a.mov\n${md5}  b.mov\n`],
    ['md5sum of binary files', `${md5} *a.mov\n`],
    ['upper case and tabs', `${md5.toUpperCase()}\ta.mov\n`],
    ['an escaped name', `\\${md5}  a\\nb.mov\n`],
    ['the BSD form', `MD5 (a.mov) = ${md5}\nXXH64 (b c.mov) = ${xxh64}\n`],
    ['xxhsum and sha1sum', `${xxh64}  a.dpx\n${sha1}  b.dpx\n`],
    ['line ends of Windows and a byte order mark', `\uFEFF${md5}  a.mov\r\n${md5}  b.mov\r\n`],
    ['comments and blank lines', `# made by hand\n\n; and\n% so on\n${md5}  a.mov`],
    [
      'MHL 1.1',
      '<?xml version="1.0"?>\n<hashlist version="1.1">\n<hash><file>a.mov</file></hash></hashlist>',
    ],
    ['ASC MHL', '<?xml version="1.0"?>\n<hashlist xmlns="urn:ASC:MHL:v2.0" version="2.0">'],
    ['a sample cut in the middle of a line', cut(`${md5}  a.mov\n`)],
    ['a sample cut in the middle of a hash, of names in Japanese', cut(`${md5}  最終版.mov\n`)],
  ])('%s', (_, text) => {
    expect(looksLikeManifest(bytes(text), { path: 'checksum.txt', cut: text.length > 60_000 })).toBe(true);
  });

  test.each([
    ['nothing', ''],
    ['only comments', '# nothing here\n'],
    ['prose', 'The checksums will follow tomorrow.\n'],
    ['a list with a sentence in it', `${md5}  a.mov\nplease check the second one\n`],
    ['a hash without a name', `${md5}\n`],
    ['a hash of a length that none has', `${md5}0  a.mov\n`],
    ['another XML', '<?xml version="1.0"?><tt xmlns="http://www.w3.org/ns/ttml"/>'],
    ['an element that only begins like it', '<hashlistings/>'],
    ['binary bytes', '\u0000\u0001\u0002\ufffd'],
  ])('not %s', (_, text) => {
    expect(looksLikeManifest(bytes(text), { path: 'checksum.txt' })).toBe(false);
  });
});

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The beginning of a long list of such lines, cut as when read from a file. */
function cut(line: string): string {
  return Buffer.from(line.repeat(3000)).subarray(0, manifestSampleBytes).toString('utf8');
}
