import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Manifest, ManifestReading } from './manifest.ts';
import { readManifest } from './reading.ts';

const md5 = 'd41d8cd98f00b204e9800998ecf8427e';
const otherMd5 = '5d41402abc4b2a76b9719d911017c592';
const sha1 = 'da39a3ee5e6b4b0d3255bfef95601890afd80709';
const sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const xxh64 = 'ef46db3751d8e999';
const c4 = 'c459dsjfscH38cYeXXYogktxf4Cd9ibshE3BHUo6a58hBXmRQdZrAkZzsWcbWtDg5oQstpDuni4Hirj75GEmTc1sFT';

function read(content: string | Uint8Array, path = 'checksum.txt'): ManifestReading {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return readManifest(bytes, { path });
}

function list(content: string | Uint8Array, path?: string): Manifest {
  const reading = read(content, path);
  if (reading.kind !== 'list') throw new Error(JSON.stringify(reading));
  return reading;
}

/** Returns `path algorithm value` and the notes of each entry. */
function entriesIn(content: string | Uint8Array, path?: string): string[] {
  return list(content, path).entries.map((entry) =>
    [entry.path || '–', entry.algorithms.join('|') || '–', entry.value, ...entry.notes].join(' '),
  );
}

describe('a line of', () => {
  test.each<[string, string, string, string?]>([
    ['md5sum', `${md5}  a.mov`, `a.mov md5|xxh128 ${md5} unlabelled`],
    ['md5sum, recognised by the name of the list', `${md5}  a.mov`, `a.mov md5 ${md5}`, 'MD5SUMS'],
    ['md5sum of binary files', `${md5} *a b.mov`, `a b.mov md5 ${md5}`, 'x.md5'],
    ['a name that begins with a star', `${md5}  *a.mov`, `*a.mov md5 ${md5}`, 'x.md5'],
    ['one space', `${md5} a.mov`, `a.mov md5 ${md5}`, 'x.md5'],
    ['a tab', `${md5}\ta.mov`, `a.mov md5 ${md5}`, 'x.md5'],
    ['shasum -p', `${sha1} ?a.mov`, `a.mov sha1 ${sha1}`],
    ['upper case', `${md5.toUpperCase()}  A.MOV`, `A.MOV md5 ${md5}`, 'x.md5'],
    ['GNU escapes', `\\${md5}  dir\\\\a.mov`, `dir/a.mov md5 ${md5} backslashes`, 'x.md5'],
    ['backslashes', `${md5}  reel\\new\\a.mov`, `reel/new/a.mov md5 ${md5} backslashes`, 'x.md5'],
    ['a point and a slash', `${md5}  ./reel/a.mov`, `reel/a.mov md5 ${md5}`, 'x.md5'],
    [
      'an absolute path',
      `${md5}  /Volumes/Raid/a.mov`,
      `Volumes/Raid/a.mov md5 ${md5} absolute_path`,
      'x.md5',
    ],
    ['a drive', `${md5} *D:\\Out\\a.mov`, `Out/a.mov md5 ${md5} backslashes absolute_path`, 'x.md5'],
    ['a share', `${md5} *\\\\nas\\out\\a.mov`, `nas/out/a.mov md5 ${md5} backslashes absolute_path`, 'x.md5'],
    ['a way up', `${md5}  ../../etc/passwd`, `etc/passwd md5 ${md5} parent_path`, 'x.md5'],
    ['quotes', `${md5}  "a b.mov"`, `a b.mov md5 ${md5}`, 'x.md5'],
    ['standard input', `${md5}  -`, `– md5 ${md5} no_name`, 'a.mov.md5'],
    ['a hash alone', md5.toUpperCase(), `– md5 ${md5} no_name`, 'a.mov.md5'],
    ['BSD', `MD5 (a (1).mov) = ${md5}`, `a (1).mov md5 ${md5}`],
    ['BSD, the name of a hash', `SHA256 (a) = b) = ${sha256}`, `a) = b sha256 ${sha256}`],
    ['OpenSSL 1', `MD5(a.mov)= ${md5}`, `a.mov md5 ${md5}`],
    ['OpenSSL 3', `SHA2-256(b c.mov)= ${sha256}`, `b c.mov sha256 ${sha256}`],
    ['OpenSSL of standard input', `SHA1(stdin)= ${sha1}`, `– sha1 ${sha1} no_name`, 'a.mov.sha1'],
    ['OpenSSL of old', `(stdin)= ${sha1}`, `– sha1 ${sha1} no_name`, 'a.mov.sha1'],
    ['an HMAC', `HMAC-SHA256(a.mov)= ${sha256}`, `a.mov – ${sha256} other_algorithm`],
    ['Whirlpool', `WHIRLPOOL (a.mov) = ${sha256}${sha256}`, `a.mov – ${sha256}${sha256} other_algorithm`],
    ['xxhsum', `${xxh64}  a.exr`, `a.exr xxh64|xxh3 ${xxh64} unlabelled`],
    ['xxhsum, by the name of the list', `${xxh64}  a.exr`, `a.exr xxh3 ${xxh64}`, 'reel.xxh3'],
    ['xxhsum -H3 of old', `XXH3_${xxh64}  a.exr`, `a.exr xxh3 ${xxh64}`],
    ['xxhsum --tag', `XXH3 (a.exr) = ${xxh64}`, `a.exr xxh3 ${xxh64}`],
    ['xxhsum --tag --little-endian', `XXH64_LE (f) = ${xxh64}`, `f xxh64 ${xxh64}`],
    ['xxhsum -H2', `${md5}  a.exr`, `a.exr xxh128 ${md5}`, 'a.xxh128'],
    ['xxhsum -H0', `02cc5d05  a.exr`, `a.exr crc32|xxh32 02cc5d05 unlabelled`],
    ['SFV', 'a b.mov 0a1b2c3d', 'a b.mov crc32 0a1b2c3d', 'reel.sfv'],
    ['the name first', `a b.mov ${md5}`, `a b.mov md5 ${md5}`, 'x.md5'],
    ['C4', `${c4}  a.dpx`, `a.dpx c4 ${c4}`],
    ['C4, the name first', `a.dpx: ${c4}`, `a.dpx c4 ${c4}`],
    ['C4 alone', c4, `– c4 ${c4} no_name`, 'a.dpx.c4'],
    ['BagIt', `${sha256}  data/a.mov`, `data/a.mov sha256 ${sha256}`, 'manifest-sha256.txt'],
    ['b2sum by its label', `BLAKE2b (a) = ${sha256}${sha256}`, `a blake2b ${sha256}${sha256}`],
    ['b3sum', `${sha256}  a`, `a blake3 ${sha256}`, 'reel.b3'],
  ])('%s', (_, line, entry, path) => {
    expect(entriesIn(`${line}\n`, path)).toEqual([entry]);
  });
});

describe('a list in', () => {
  const text = `${md5}  Müller.mov\r\n${otherMd5}  b.mov\r\n`;
  const entries = [`Müller.mov md5 ${md5}`, `b.mov md5 ${otherMd5}`];
  test.each<[string, Uint8Array, string[]]>([
    ['UTF-8', Buffer.from(text), []],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${text}`), []],
    ['UTF-16 with a mark, as PowerShell writes it', Buffer.from(`\uFEFF${text}`, 'utf16le'), ['utf16']],
    ['UTF-16 without a mark', Buffer.from(text, 'utf16le'), ['utf16']],
    ['UTF-16, the other way round', Buffer.from(`\uFEFF${text}`, 'utf16le').swap16(), ['utf16']],
    ['UTF-16, the other way round, without a mark', Buffer.from(text, 'utf16le').swap16(), ['utf16']],
    ['UTF-32', utf32(`\uFEFF${text}`), ['utf32']],
    ['Windows-1252', Buffer.from(text, 'latin1'), ['windows1252']],
    ['line ends of old Macs', Buffer.from(text.replaceAll('\r\n', '\r')), []],
    ['zero bytes for line ends', Buffer.from(text.replaceAll('\r\n', '\0')), []],
  ])('%s', (_, bytes, notes) => {
    const found = list(bytes, 'x.md5');
    expect(found.notes).toEqual(notes);
    expect(entriesIn(bytes, 'x.md5')).toEqual(entries);
  });

  test('decodes the letters of Windows-1252 between 0x80 and 0x9f', () => {
    expect(entriesIn(Buffer.from([...Buffer.from(`${md5}  1`), 0x80, 0x92, 0xe9, 0x0a]), 'x.md5')).toEqual([
      `1€’é md5 ${md5}`,
    ]);
  });
});

test('TeraCopy and FastSum: remarks, and a name of two words', () => {
  const text = `; MD5 checksums generated by TeraCopy\r\n; teracopy.com\r\n\r\n${md5} *Reel 1\\a.mov\r\n`;
  expect(entriesIn(text, 'x.md5')).toEqual([`Reel 1/a.mov md5 ${md5} backslashes`]);
});

test('hashdeep: a value of each column, and a size', () => {
  const text = `%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n## Invoked from: /tmp\n## $ hashdeep a\n##\n5,${md5},${sha256},/tmp/a, b.mov\n`;
  expect(entriesIn(text, 'h.txt')).toEqual([
    `tmp/a, b.mov md5 ${md5} absolute_path`,
    `tmp/a, b.mov sha256 ${sha256} absolute_path`,
  ]);
  expect(list(text, 'h.txt')).toMatchObject({
    dialect: 'hashdeep',
    entries: [{ sizeBytes: 5 }, { sizeBytes: 5 }],
  });
});

describe('Windows', () => {
  const SHA = sha256.toUpperCase();
  test.each([
    [
      'a table',
      `\r\nAlgorithm       Hash                   Path\r\n---------       ----                   ----\r\nSHA256          ${SHA}       C:\\Out\\a b.mov\r\n\r\n`,
    ],
    ['a list', `\r\n\r\nAlgorithm : SHA256\r\nHash      : ${SHA}\r\nPath      : C:\\Out\\a b.mov\r\n\r\n`],
    [
      'CSV',
      `#TYPE Microsoft.Powershell.Utility.FileHash\r\n"Algorithm","Hash","Path"\r\n"SHA256","${SHA}","C:\\Out\\a b.mov"\r\n`,
    ],
  ])('Get-FileHash as %s', (_, text) => {
    expect(entriesIn(Buffer.from(`\uFEFF${text}`, 'utf16le'), 'hashes.txt')).toEqual([
      `Out/a b.mov sha256 ${sha256} backslashes absolute_path`,
    ]);
  });

  test.each([
    [
      'English',
      `SHA256 hash of a b.mov:\r\n${sha256}\r\nCertUtil: -hashfile command completed successfully.\r\n`,
    ],
    [
      'English of Windows 7',
      `SHA256 hash of file a b.mov:\r\n${sha256.replace(/../g, '$& ').trim()}\r\nCertUtil: done.\r\n`,
    ],
    [
      'German',
      `SHA256-Hash von a b.mov:\r\n${sha256}\r\nCertUtil: -hashfile-Befehl wurde erfolgreich ausgeführt.\r\n`,
    ],
    [
      'Spanish',
      `SHA256 hash de a b.mov:\r\n${sha256}\r\nCertUtil: -hashfile comando completado correctamente.\r\n`,
    ],
  ])('certutil in %s', (_, text) => {
    expect(entriesIn(text)).toEqual([`a b.mov sha256 ${sha256}`]);
  });
});

test('reads a signed list without its signature', () => {
  const text = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${md5}  a.mov\n-----BEGIN PGP SIGNATURE-----\n\niQIzBAEBCgAdFiEE${sha1}\n=abcd\n-----END PGP SIGNATURE-----\n`;
  expect(entriesIn(text, 'MD5SUMS.asc')).toEqual([`a.mov md5 ${md5}`]);
  expect(list(text).notes).toEqual(['signed']);
});

test('leaves out and counts a title and a remark', () => {
  const text = `Checksums of reel 5\n${md5}  a.mov\n${otherMd5}  b.mov\n# done\n`;
  expect(list(text)).toMatchObject({ unread: 1, unreadAt: [1], notes: ['lines_not_read'] });
});

describe('a media hash list', () => {
  const v1 = (hash: string) =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<hashlist version="1.1">\n<creatorinfo><name>A</name></creatorinfo>\n<hash>\n<file>Clips/a &amp; b.mov</file>\n<size>555</size>\n${hash}\n<hashdate>2016-04-18T14:47:39Z</hashdate>\n</hash>\n</hashlist>\n`;
  test.each([
    ['md5', `<md5>${md5.toUpperCase()}</md5>`, `md5 ${md5}`],
    ['sha1', `<sha1>${sha1}</sha1>`, `sha1 ${sha1}`],
    ['xxhash in decimal digits', '<xxhash>3204945916</xxhash>', 'xxh32 bf0797fc'],
    ['xxhash64 with reversed bytes', '<xxhash64>99e9d85137db46ef</xxhash64>', 'xxh64 99e9d85137db46ef'],
    ['xxhash64be', `<xxhash64be>${xxh64}</xxhash64be>`, `xxh64 ${xxh64}`],
    ['no value', '<null/>', '–  no_value'],
  ])('MHL 1.1, %s', (_, hash, value) => {
    expect(entriesIn(v1(hash), 'A.mhl')).toEqual([`Clips/a & b.mov ${value}`]);
    expect(list(v1(hash), 'A.mhl')).toMatchObject({ dialect: 'mhl', entries: [{ sizeBytes: 555, line: 4 }] });
  });

  test.each(['', 'mhl:'])('ASC MHL 2.0 with the prefix %j: folders are no files', (p) => {
    const text = `<?xml version="1.0"?>
<${p}hashlist version="2.0" xmlns${p ? ':mhl' : ''}="urn:ASC:MHL:v2.0">
 <${p}creatorinfo><${p}creationdate>2022-03-01T00:00:00Z</${p}creationdate></${p}creatorinfo>
 <${p}processinfo><${p}process>in-place</${p}process><${p}roothash><${p}content><${p}xxh64>${xxh64}</${p}xxh64></${p}content></${p}roothash></${p}processinfo>
 <${p}hashes>
  <!-- <hash><path>no.mov</path></hash> -->
  <${p}hash><${p}path size="7" lastmodificationdate="x">Clips/a.mov</${p}path><${p}c4 action="original">${c4}</${p}c4><${p}xxh128 action="failed">${md5}</${p}xxh128></${p}hash>
  <${p}directoryhash><${p}path>Clips</${p}path><${p}content><${p}md5>${md5}</${p}md5></${p}content><${p}structure><${p}md5>${md5}</${p}md5></${p}structure></${p}directoryhash>
  <${p}hash><${p}path><![CDATA[b & c.mov]]></${p}path><${p}xxh3 action="verified">${xxh64}</${p}xxh3><${p}previousPath>old.mov</${p}previousPath></${p}hash>
 </${p}hashes>
</${p}hashlist>`;
    expect(entriesIn(text, 'ascmhl/0001.mhl')).toEqual([
      `Clips/a.mov c4 ${c4}`,
      `Clips/a.mov xxh128 ${md5} failed_at_source`,
      `b & c.mov xxh3 ${xxh64}`,
    ]);
    const folders = [
      { path: '', algorithm: 'xxh64', content: xxh64, structure: null },
      { path: 'Clips', algorithm: 'md5', content: md5, structure: md5 },
    ];
    expect(list(text)).toMatchObject({ dialect: 'asc_mhl', folders, notes: ['directories'] });
    const generation = list(text, 'ascmhl/0001_A_2026-01-01_090000Z.mhl');
    expect(generation).toMatchObject({ folders, notes: [] });
  });

  test('the chain of a history', () => {
    const text = `<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0"><hashlist sequencenr="1"><path>0001_A.mhl</path><c4>${c4}</c4></hashlist></ascmhldirectory>`;
    expect(entriesIn(text, 'ascmhl/ascmhl_chain.xml')).toEqual([`0001_A.mhl c4 ${c4}`]);
  });

  test('MHL 1.1 says who made it, and when each value was computed', () => {
    const text = v1(`<md5>${md5}</md5>`).replace(
      '<creatorinfo><name>A</name></creatorinfo>',
      '<creatorinfo><name>Ana</name><username>ana</username><hostname>cart-1</hostname><tool>mhl ver. 0.2</tool><startdate>2016-04-18T14:47:57+02:00</startdate></creatorinfo>',
    );
    expect(list(text, 'A.mhl')).toMatchObject({
      creator: {
        tool: 'mhl ver. 0.2',
        host: 'cart-1',
        people: ['Ana', 'ana'],
        at: Date.UTC(2016, 3, 18, 12, 47, 57),
      },
      entries: [{ computedAt: Date.UTC(2016, 3, 18, 14, 47, 39) }],
    });
  });

  test('ASC MHL says who made it, what it leaves out, what was renamed, and which lists it refers to', () => {
    const text = `<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">
 <creatorinfo><creationdate>2020-01-17T14:30:00+00:00</creationdate><hostname>myHost.local</hostname>
  <tool version="0.3 alpha">ascmhl.py</tool><author role="DIT">Ana</author><location>Stage‮ 4</location><comment>two
lines</comment></creatorinfo>
 <processinfo><process>in-place</process><ignore><pattern>.DS_Store</pattern><pattern> *.tmp </pattern></ignore></processinfo>
 <hashes><hash><path size="5">b.mov</path><md5 action="verified" hashdate="2020-01-17T14:31:00Z">${md5}</md5><previousPath>../a.mov</previousPath></hash></hashes>
 <references><hashlistreference><path>A002/ascmhl/0002_A002.mhl</path><c4>${c4}</c4></hashlistreference></references>
</hashlist>`;
    expect(list(text, 'ascmhl/0002_x.mhl')).toMatchObject({
      creator: {
        tool: 'ascmhl.py 0.3 alpha',
        host: 'myHost.local',
        people: ['Ana'],
        at: Date.UTC(2020, 0, 17, 14, 30),
        location: 'Stage 4',
        comment: 'two lines',
      },
      ignores: ['.DS_Store', '*.tmp'],
      entries: [
        { path: 'b.mov', previousPath: 'a.mov', computedAt: Date.UTC(2020, 0, 17, 14, 31) },
        { path: 'A002/ascmhl/0002_A002.mhl', algorithms: ['c4'], value: c4 },
      ],
    });
  });

  test('hostile statements about the list are shortened, and an impossible time becomes null', () => {
    const text = `<hashlist version="2.0"><creatorinfo>${'<author>A</author><author>B</author>'.repeat(50)}
 <creationdate>9999999999</creationdate><tool version="${'v'.repeat(999)}">${'t'.repeat(9999)}</tool></creatorinfo>
 <processinfo><ignore>${'<pattern>x</pattern>'.repeat(999)}</ignore></processinfo>
 <hashes><hash><path>a</path><md5 hashdate="0000-99-99T99:99:99Z">${md5}</md5></hash></hashes></hashlist>`;
    const { creator, ignores, entries } = list(text, 'a.mhl');
    expect(creator).toMatchObject({ people: ['A', 'B'], at: null });
    expect(creator!.tool).toHaveLength(200);
    expect(ignores).toHaveLength(200);
    expect(entries[0]).not.toHaveProperty('computedAt');
  });

  test('reads the entries of a list that is cut short, and says so', () => {
    const text = v1(`<md5>${md5}</md5>`).replace('</hashlist>', '<hash><file>b.mov');
    expect(list(text).notes).toEqual(['cut_short']);
    expect(list(text).entries).toHaveLength(1);
  });

  test('refuses a document type, so that no entity is ever expanded', () => {
    const bomb = `<!DOCTYPE hashlist [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>\n<hashlist version="1.1"><hash><file>&b;</file></hash></hashlist>`;
    expect(read(bomb)).toEqual({ kind: 'unsupported', what: 'doctype' });
  });

  test('survives any nesting, tag and text', () => {
    for (const text of [
      `<hashlist version="1.1">${'<a>'.repeat(100_000)}`,
      `<hashlist a="${'x'.repeat(200_000)}`,
      `<hashlist version="1.1"><hash><file>${'y'.repeat(200_000)}</file><md5>${md5}</md5></hash></hashlist>`,
    ]) {
      expect(list(text, 'a.mhl').entries).toEqual([]);
    }
  });
});

describe('a packing list', () => {
  const id = '23e9a145-f2da-4183-86b2-1c399db41afb';
  const asset = (inside: string, uuid = id) => `<Asset><Id>urn:uuid:${uuid}</Id>${inside}</Asset>`;
  const pkl = (...assets: string[]) =>
    `<?xml version="1.0"?><p:PackingList xmlns:p="http://www.smpte-ra.org/schemas/2067-2/2016/PKL">
<Id>urn:uuid:913ef906-893f-4851-8664-2d053bd2ec95</Id><AnnotationText>Film</AnnotationText>
<IssueDate>2016-10-06T08:35:02-00:00</IssueDate><Issuer>R&amp;S</Issuer><Creator>Clipster 6</Creator>
<AssetList>${assets.join('\n')}</AssetList></p:PackingList>`;
  const sha1InBase64 = Buffer.from(sha1, 'hex').toString('base64');

  test('names assets by id, with SHA-1 or SHA-256, and says who made it', () => {
    const text = pkl(
      asset(`<Hash>${sha1InBase64}</Hash><Size>7</Size><OriginalFileName>V 1.mxf</OriginalFileName>`),
      asset(`<Hash>${Buffer.from(sha256, 'hex').toString('base64')}</Hash><HashAlgorithm Algorithm="x"/>`),
      asset(`<Size>9</Size>`),
      asset('<Hash>AAAA</Hash>', 'no-id'),
    );
    expect(list(text, 'PKL_1.xml')).toMatchObject({
      dialect: 'imf_pkl',
      creator: { tool: 'Clipster 6', people: ['R&S'], at: Date.UTC(2016, 9, 6, 8, 35, 2), comment: 'Film' },
      unread: 1,
      entries: [
        { path: 'V 1.mxf', algorithms: ['sha1'], value: sha1, sizeBytes: 7, stated: `${id} V 1.mxf` },
        { path: '', algorithms: ['sha256'], value: sha256, stated: id },
        { algorithms: [], sizeBytes: 9, stated: id },
      ],
    });
  });

  test('is none without assets that have an id, or with a document type', () => {
    expect(list(pkl(), 'PKL_1.xml').entries).toEqual([]);
    expect(read(`<!DOCTYPE PackingList [<!ENTITY a "b">]>${pkl()}`)).toEqual({
      kind: 'unsupported',
      what: 'doctype',
    });
  });
});

test.each<[string, ReturnType<typeof read>]>([
  ['3915528286 5 a.mov\n1 2 b.mov\n', { kind: 'unsupported', what: 'cksum' }],
  ['#mtree\n/set type=file\na.mov md5digest=1\n', { kind: 'unsupported', what: 'mtree' }],
  [`magnet:?xl=5&dn=a.mov&xt=urn:tree:tiger:ABC\n`, { kind: 'unsupported', what: 'magnet' }],
  [`${'a'.repeat(48)}  a.mov\n`, { kind: 'unsupported', what: 'other_algorithm' }],
  ['20240101 shoot\n20240102 shoot\n', { kind: 'none' }],
  [`${md5}\n${otherMd5}\n`, { kind: 'none' }],
  [`I wrote ${md5} on the box\n`, { kind: 'none' }],
])('%j is no list that is compared', (text, reading) => {
  expect(read(text)).toEqual(reading);
});

test('reads hostile text within the time limit of a test', () => {
  for (const line of [
    ')='.repeat(4000),
    ' '.repeat(8000) + 'x',
    `A(${')= '.repeat(2700)}`,
    'a '.repeat(4000),
  ]) {
    read(`${line}\n`.repeat(100));
  }
  read('<'.repeat(1_000_000));
  read(`<hashlist>${'<!--'.repeat(100_000)}`);
});

const nameParts = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .map((text) => text.replace(/[\p{C}\p{Z}\s/\\"():=*?<>|;#%.…-]/gu, '_'))
  .filter((text) => text !== '' && text.isWellFormed() && text.normalize('NFC') === text);
const paths = fc
  .array(nameParts, { minLength: 1, maxLength: 3 })
  .map((parts) => `${parts.map((part) => `n${part}`).join('/')}.mov`);
const hexOf = (digits: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: digits, maxLength: digits });
const encodings: Record<string, (text: string) => Uint8Array> = {
  utf8: (text) => Buffer.from(text),
  marked: (text) => Buffer.from(`\uFEFF${text}`),
  utf16: (text) => Buffer.from(`\uFEFF${text}`, 'utf16le'),
  swapped: (text) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16(),
};
const writers: Record<string, (path: string, value: string, label: string) => string> = {
  text: (path, value) => `${value}  ${path}`,
  binary: (path, value) => `${value} *./${path}`,
  windows: (path, value) => `${value} *${path.replaceAll('/', '\\')}`,
  escaped: (path, value) => `\\${value}  ${path.replaceAll('/', '\\\\')}`,
  bsd: (path, value, label) => `${label} (${path}) = ${value}`,
  openssl: (path, value, label) => `${label}(${path})= ${value}`,
  nameFirst: (path, value) => `${path}\t${value}`,
};
const algorithms = [
  ['md5', 'MD5', 32],
  ['sha1', 'SHA1', 40],
  ['sha256', 'SHA2-256', 64],
  ['sha512', 'SHA512', 128],
  ['xxh3', 'XXH3', 16],
  ['xxh128', 'XXH128', 32],
] as const;

test('reads back what any of the writers writes, in any encoding', () => {
  const lists = fc.record({
    algorithm: fc.constantFrom(...algorithms),
    writer: fc.constantFrom(...Object.keys(writers)),
    encoding: fc.constantFrom(...Object.keys(encodings)),
    end: fc.constantFrom('\n', '\r\n'),
    isUpper: fc.boolean(),
    paths: fc.uniqueArray(paths, { minLength: 1, maxLength: 6 }),
    seed: hexOf(128),
  });
  fc.assert(
    fc.property(
      lists,
      ({ algorithm: [name, label, digits], writer, encoding, end, isUpper, paths, seed }) => {
        const value = (index: number) => (index.toString(16) + seed).slice(0, digits);
        const lines = paths.map((path, index) => {
          const written = isUpper ? value(index).toUpperCase() : value(index);
          return writers[writer]!(path, written, label) + end;
        });
        const found = list(encodings[encoding]!(lines.join('')), `reel.${name}`);
        expect(found.entries.map(({ path, value, algorithms }) => ({ path, value, algorithms }))).toEqual(
          paths.map((path, index) => ({ path, value: value(index), algorithms: [name] })),
        );
      },
    ),
    { numRuns: 150 },
  );
});

test('never throws on random bytes', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 400 }),
      fc.constantFrom('', '<hashlist version="1.1">', '%%%% HASHDEEP-1.0\n', 'Algorithm : MD5\n'),
      (bytes, head) => {
        readManifest(Buffer.concat([Buffer.from(head), bytes]), { path: 'a.md5' });
      },
    ),
    { numRuns: 200 },
  );
});

test('reads 75,000 entries in pieces', () => {
  const text = Array.from({ length: 75_000 }, (_, at) => `${md5}  plates/sh010.${1001 + at}.exr`).join('\n');
  expect(list(text).entries).toHaveLength(75_000);
});

function utf32(text: string): Uint8Array {
  const bytes = Buffer.alloc([...text].length * 4);
  [...text].forEach((letter, at) => bytes.writeUInt32LE(letter.codePointAt(0)!, at * 4));
  return bytes;
}
