/** Small generated files that attack the programs that read them. */
import { deflateSync } from 'node:zlib';
import { big, layout, text, u16, u32, zeros } from '@turnover/processing/inspect/testing/bytes';
import { box, dpx, exr, exrAttributes } from '@turnover/processing/inspect/testing/frames';
import { atom, quickTime } from '@turnover/processing/inspect/testing/movies';
import { chunk, fmt, oneSecond, riff } from '@turnover/processing/inspect/testing/waves';

/** What a hostile file tries to reach. */
export type Prey = { file: string; address: string };
export type HostileFile = { path: string; bytes: Buffer };

export function hostileFiles(prey: Prey): HostileFile[] {
  return [...reachingFiles(prey), ...bombs(), ...damagedHeads()];
}

/** Those that want the reader to open something else. */
export function reachingFiles(prey: Prey): HostileFile[] {
  return [...playlists(prey), ...documents(prey)];
}

/** Playlists and movies that name other files, addresses, or themselves without an end. */
function playlists({ file, address }: Prey): HostileFile[] {
  const list = (...lines: string[]) => Buffer.from(`${lines.join('\n')}\n`);
  const hls = (target: string) => list('#EXTM3U', '#EXTINF:1,', target);
  const dash = `<MPD><BaseURL>${address}</BaseURL><Period><AdaptationSet/></Period></MPD>`;
  return [
    { path: 'hls.ts', bytes: hls(`file://${file}`) },
    { path: 'hls.mov', bytes: hls(address) },
    { path: 'endless.m3u8', bytes: hls('endless.m3u8') },
    { path: 'endless.mp4', bytes: list('ffconcat version 1.0', 'file endless.mp4') },
    { path: 'concat.mov', bytes: list('ffconcat version 1.0', `file ${file}`) },
    { path: 'address.mp4', bytes: list(address) },
    { path: 'session.mxf', bytes: list('v=0', `o=- 0 0 IN IP4 ${address}`, 'm=video 5000 RTP/AVP 96') },
    { path: 'dash.xml', bytes: Buffer.from(dash) },
    { path: 'elsewhere.mov', bytes: withReference(quickTime(), `file://${file}`) },
    { path: 'far-away.mov', bytes: withReference(quickTime(), address) },
    { path: 'link.svg', bytes: svg(`<image href="file://${file}"/><image href="${address}"/>`) },
  ];
}

/** A movie whose sound lies in another file: a data reference that is not to the movie itself. */
function withReference(movie: Buffer, target: string): Buffer {
  const own = atom('url ', big(4, 1));
  const other = atom('url ', big(4, 0), text(`${target}\0`));
  const at = movie.indexOf(own);
  const longer = Buffer.concat([movie.subarray(0, at), other, movie.subarray(at + own.length)]);
  for (const id of ['moov', 'trak', 'mdia', 'minf', 'dinf', 'dref']) {
    const size = longer.indexOf(id) - 4;
    longer.writeUInt32BE(longer.readUInt32BE(size) + other.length - own.length, size);
  }
  return longer;
}

/** XML whose entities grow without bound, or name another file and an address. */
function documents({ file, address }: Prey): HostileFile[] {
  const ids = 'urn:uuid:0eb3d1b9-b77b-4d3f-bbe5-7c69b15dca84';
  const documentOf = (root: string, attributes: string, inner: string) => {
    const laughs = Array.from({ length: 9 }, (_, n) => `<!ENTITY a${n + 1} "${`&a${n};`.repeat(10)}">`);
    return Buffer.from(
      `<?xml version="1.0"?>\n<!DOCTYPE ${root} [<!ENTITY a0 "laughter">${laughs.join('')}` +
        `<!ENTITY file SYSTEM "file://${file}"><!ENTITY address SYSTEM "${address}"><!ENTITY % more SYSTEM "${address}">%more;]>\n` +
        `<${root} ${attributes}>${inner.replaceAll('HERE', '&a9;&file;&address;')}</${root}>`,
    );
  };
  const ttml = 'xmlns="http://www.w3.org/ns/ttml" xml:lang="en"';
  const imf = (kind: string) => `xmlns="http://www.smpte-ra.org/schemas/${kind}"`;
  const wave = documentOf('BWFXML', '', '<NOTE>HERE</NOTE>');
  return [
    {
      path: 'en.ttml',
      bytes: documentOf('tt', ttml, '<body><div><p begin="0s" end="2s">HERE</p></div></body>'),
    },
    {
      path: 'package/ASSETMAP.xml',
      bytes: documentOf('AssetMap', imf('429-9/2007/AM'), `<Id>${ids}</Id><Issuer>HERE</Issuer>`),
    },
    {
      path: 'package/PKL_a.xml',
      bytes: documentOf('PackingList', imf('2067-2/2016/PKL'), `<Id>${ids}</Id><Issuer>HERE</Issuer>`),
    },
    {
      path: 'package/CPL_a.xml',
      bytes: documentOf('CompositionPlaylist', imf('2067-3/2016'), `<Id>${ids}</Id><Issuer>HERE</Issuer>`),
    },
    {
      path: 'dolby-vision.xml',
      bytes: documentOf('DolbyLabsMDF', 'version="2.0.5"', '<Outputs><Output name="HERE"/></Outputs>'),
    },
    {
      path: 'lists/reel.mhl',
      bytes: documentOf(
        'hashlist',
        'version="1.1"',
        '<hash><file>HERE</file><md5>d41d8cd98f00b204e9800998ecf8427e</md5></hash>',
      ),
    },
    { path: 'logo.svg', bytes: documentOf('svg', 'xmlns="http://www.w3.org/2000/svg"', '<text>HERE</text>') },
    { path: 'notes.wav', bytes: riff([fmt(), chunk('iXML', wave), oneSecond]) },
  ];
}

function svg(inner: string): Buffer {
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">${inner}</svg>`);
}

const side = 30_000;

/** Small files that unfold to gigabytes. */
function bombs(): HostileFile[] {
  const packed = deflateSync(zeros(16 * 1024 ** 2));
  return [
    { path: 'bomb.png', bytes: png(packed) },
    { path: 'bomb.tif', bytes: tiff(packed) },
    { path: 'bomb.exr', bytes: hugeExr(16_000) },
    { path: 'huge.exr', bytes: hugeExr(2_000_000_000) },
    { path: 'huge.dpx', bytes: dpx({ width: 0x7fff_ffff, height: 0x7fff_ffff, picture: 64 }) },
    {
      path: 'packed-index.mov',
      bytes: Buffer.concat([
        atom('ftyp', text('qt  '), zeros(4)),
        atom('moov', atom('cmov', atom('dcom', text('zlib')), atom('cmvd', big(4, 0xffff_ffff), packed))),
      ]),
    },
  ];
}

/** A picture whose head promises 900 million pixels. Checksums of chunks are left out, as decoders may ignore them. */
function png(packed: Buffer): Buffer {
  const part = (id: string, bytes: Buffer) =>
    Buffer.concat([big(4, bytes.length), text(id), bytes, zeros(4)]);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    part('IHDR', Buffer.concat([big(4, side, side), big(1, 16, 6, 0, 0, 0)])),
    part('zTXt', Buffer.concat([text('Comment\0\0'), packed])),
    part('IDAT', packed),
    part('IEND', zeros(0)),
  ]);
}

/** One strip of Deflate for 900 million pixels. */
function tiff(packed: Buffer): Buffer {
  const short = (tag: number, value: number) => Buffer.concat([u16(tag, 3), u32(1, value)]);
  const long = (tag: number, value: number) => Buffer.concat([u16(tag, 4), u32(1, value)]);
  const entries = [
    long(256, side),
    long(257, side),
    short(258, 16),
    short(259, 8),
    short(262, 1),
    long(273, 1024),
    short(277, 1),
    long(278, side),
    long(279, packed.length),
  ];
  return layout(1024 + packed.length, [
    [0, Buffer.concat([text('II'), u16(42), u32(8), u16(entries.length), ...entries, u32(0)])],
    [1024, packed],
  ]);
}

function hugeExr(width: number): Buffer {
  const window = box(0, 0, width, width);
  return exr(
    exrAttributes().map(([name, kind, value]) => [
      name,
      kind,
      name.endsWith('Window') ? window : name === 'compression' ? Buffer.from([3]) : value,
    ]),
  );
}

/** Valid files of each kind, whose sizes and counts are then as large as they can be. */
function damagedHeads(): HostileFile[] {
  const valid: [string, Buffer][] = [
    ['mov', quickTime({ samples: 48 })],
    ['wav', riff([fmt(), oneSecond]).subarray(0, 4096)],
    ['dpx', dpx()],
    ['exr', exr()],
    ['png', png(deflateSync(zeros(64)))],
    ['tif', tiff(deflateSync(zeros(64)))],
  ];
  return valid.flatMap(([extension, bytes]) =>
    [8, 60].map((at) => {
      const damaged = Buffer.from(bytes);
      damaged.fill(0xff, Math.min(at, bytes.length - 8), Math.min(at + 8, bytes.length));
      return { path: `damaged-${at}.${extension}`, bytes: damaged };
    }),
  );
}
