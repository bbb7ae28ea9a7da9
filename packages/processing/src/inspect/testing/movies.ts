import { big, text, zeros } from './bytes.ts';

export function atom(id: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([big(4, body.length + 8), text(id), body]);
}

const version = zeros(4);
const matrix = big(4, 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
const rate = 48_000;

/** Builds a QuickTime movie with one track of stereo 16-bit PCM, and the index at the end. */
export function quickTime({ samples = 4800 } = {}): Buffer {
  const { begin, index } = quickTimeAround(samples);
  return Buffer.concat([begin, atom('mdat', zeros(samples * 4)), index]);
}

/** Returns the bytes of such a movie before and after its sound, which has chunks of at most `perChunk` samples. */
export function quickTimeAround(samples: number, perChunk = samples): { begin: Buffer; index: Buffer } {
  const begin = Buffer.concat([atom('ftyp', text('qt  '), zeros(4), text('qt  ')), atom('wide')]);
  const chunks = Math.ceil(samples / perChunk);
  const description = Buffer.concat([zeros(6), big(2, 1, 0, 0, 0, 0, 2, 16, 0, 0), big(4, rate * 65_536)]);
  const table = atom(
    'stbl',
    atom('stsd', version, big(4, 1), atom('sowt', description)),
    atom('stts', version, big(4, 1, samples, 1)),
    atom('stsc', version, big(4, 1, 1, perChunk, 1)),
    atom('stsz', version, big(4, 4, samples)),
    atom('co64', version, big(4, chunks), u64Big(begin.length + 8, perChunk * 4, chunks)),
  );
  const media = atom(
    'mdia',
    atom('mdhd', version, zeros(8), big(4, rate, samples), big(2, 0, 0)),
    atom('hdlr', version, text('mhlrsoun'), zeros(12), zeros(1)),
    atom(
      'minf',
      atom('smhd', version, zeros(4)),
      atom('dinf', atom('dref', version, big(4, 1), atom('url ', big(4, 1)))),
      table,
    ),
  );
  const movieHead = [
    version,
    zeros(8),
    big(4, rate, samples, 0x10000),
    big(2, 0x100),
    zeros(10),
    matrix,
    zeros(24),
    big(4, 2),
  ];
  const trackHead = [
    big(4, 15),
    zeros(8),
    big(4, 1, 0, samples),
    zeros(8),
    big(2, 0, 0, 0x100, 0),
    matrix,
    zeros(8),
  ];
  const index = atom('moov', atom('mvhd', ...movieHead), atom('trak', atom('tkhd', ...trackHead), media));
  return { begin, index };
}

/** Returns positions of the chunks as 64-bit numbers. */
function u64Big(first: number, step: number, count: number): Buffer {
  const bytes = Buffer.alloc(count * 8);
  for (let index = 0; index < count; index++) bytes.writeBigUInt64BE(BigInt(first + index * step), index * 8);
  return bytes;
}

/** Builds an AIFF of silence. */
export function aiff(channels: number, frames: number): Buffer {
  // 48,000 as an 80-bit floating point number.
  const rate80 = Buffer.from('400ebb80000000000000', 'hex');
  const chunk = (id: string, bytes: Buffer) => Buffer.concat([text(id), big(4, bytes.length), bytes]);
  const common = Buffer.concat([big(2, channels), big(4, frames), big(2, 16), rate80]);
  const sound = zeros(8 + frames * channels * 2);
  return chunk('FORM', Buffer.concat([text('AIFF'), chunk('COMM', common), chunk('SSND', sound)]));
}

/** The head of an MXF whose last part lies at `footer`. Nothing else of the file is there. */
export function mxfHead(footer: number): Buffer {
  const long = (value: number) => big(4, 0, value);
  const pattern = Buffer.from('060e2b34040101010d01020101010900', 'hex');
  const pack = Buffer.concat([
    big(2, 1, 2),
    big(4, 1),
    long(0),
    long(0),
    long(footer),
    long(0),
    long(0),
    big(4, 0),
    long(0),
    big(4, 0),
    pattern,
    big(4, 0, 16),
  ]);
  const key = Buffer.from('060e2b34020501010d01020101020400', 'hex');
  return Buffer.concat([key, big(1, 0x83), big(3, pack.length), pack]);
}
