/** Reads the header of an OpenEXR frame: windows, compression, colour and timecode. */
import type { MediaTrack } from '@turnover/domain/media/media-report';
import { checkChunks } from './exr-chunks.ts';
import { readExrHeader, type ExrPart } from './exr-header.ts';
import { truncated, unreadable, type InspectionFailed, type InspectionRead } from '../outcome.ts';
import { primariesOf } from './primaries.ts';
import { reportOf } from '../report.ts';
import type { Source } from '../source.ts';
import { fractionFact, known, textFact, amountFact } from '../values.ts';

const compressions = [
  'none',
  'RLE',
  'ZIPS',
  'ZIP',
  'PIZ',
  'PXR24',
  'B44',
  'B44A',
  'DWAA',
  'DWAB',
  'HTJ2K32',
  'HTJ2K256',
];

export function readExr(source: Source): InspectionRead | InspectionFailed {
  const header = readExrHeader(source);
  if (header === 'cut') return truncated(source.sizeBytes);
  if (header === null) return unreadable('damaged_header');
  const tracks = header.parts.map(trackOf);
  const [first] = header.parts;
  if (!first || tracks.some((track) => track === null)) return unreadable('damaged_header');
  if (checkChunks(source, header) === 'cut') return truncated(source.sizeBytes);
  const timecode = timecodeOf(first.get('timeCode')?.value);
  const report = reportOf({
    reader: 'turnover',
    container: 'OpenEXR',
    startTimecode: timecode,
    dropFrame: timecode === undefined ? undefined : timecode.includes(';'),
    tracks: tracks.filter((track) => track !== null),
    details: {
      storage: header.isDeep ? 'deep' : header.isTiled || first.has('tiles') ? 'tiles' : 'lines',
      parts: header.isMultiPart ? String(header.parts.length) : undefined,
      channels: channelsOf(first)?.names,
      ...textsOf(first),
    },
  });
  return { kind: 'read', report, problems: [] };
}

/** Returns the track of a part; null when a required attribute is missing. */
function trackOf(part: ExrPart): MediaTrack | null {
  const display = boxOf(part.get('displayWindow')?.value);
  const data = boxOf(part.get('dataWindow')?.value);
  const channels = channelsOf(part);
  if (!display || !data || !channels) return null;
  const isWhole = (['x', 'y', 'width', 'height'] as const).every((side) => display[side] === data[side]);
  const compression = part.get('compression')?.value[0];
  const rate = part.get('framesPerSecond')?.value;
  const aspect = part.get('pixelAspectRatio')?.value;
  const chromaticities = part.get('chromaticities')?.value;
  return {
    kind: 'picture',
    ...known({
      codec: 'EXR',
      width: display.width,
      height: display.height,
      dataWindow: isWhole ? undefined : `${data.x},${data.y} ${data.width}×${data.height}`,
      compression: compression === undefined ? undefined : (compressions[compression] ?? `${compression}`),
      pixelAspect: aspect?.length === 4 ? amountFact(aspect.readFloatLE(0)) : undefined,
      frameRate: rate?.length === 8 ? fractionFact(rate.readInt32LE(0), rate.readUInt32LE(4)) : undefined,
      frames: 1,
      bitDepth: channels.bitDepth,
      isFloat: channels.isFloat ? true : undefined,
      chroma: channels.chroma,
      primaries: chromaticities && primariesOf(chromaticities),
    }),
  };
}

type Box = { x: number; y: number; width: number; height: number };
const largestSide = 1_000_000;

function boxOf(value: Buffer | undefined): Box | null {
  if (value?.length !== 16) return null;
  const [x, y] = [value.readInt32LE(0), value.readInt32LE(4)];
  const width = value.readInt32LE(8) - x + 1;
  const height = value.readInt32LE(12) - y + 1;
  return width > 0 && height > 0 && width <= largestSide && height <= largestSide
    ? { x, y, width, height }
    : null;
}

const pixelTypes = [
  { bits: 32, isFloat: false },
  { bits: 16, isFloat: true },
  { bits: 32, isFloat: true },
];
const maxChannels = 1024;

type Channels = { names: string; bitDepth: number; isFloat: boolean; chroma: string | undefined };

/** Returns the facts of the deepest channel; null when the list is damaged. */
function channelsOf(part: ExrPart): Channels | null {
  const list = part.get('channels')?.value;
  if (!list) return null;
  const names: string[] = [];
  let [bitDepth, isFloat] = [0, false];
  for (let at = 0; at < list.length && list[at] !== 0;) {
    const end = list.indexOf(0, at);
    if (end === -1 || end + 17 > list.length || names.length === maxChannels) return null;
    const type = pixelTypes[list.readInt32LE(end + 1)];
    if (!type) return null;
    names.push(list.toString('latin1', at, end));
    if (type.bits > bitDepth) [bitDepth, isFloat] = [type.bits, type.isFloat];
    at = end + 17;
  }
  if (names.length === 0) return null;
  return { names: names.join(' '), bitDepth, isFloat, chroma: chromaOf(names) };
}

function chromaOf(names: readonly string[]): string | undefined {
  const has = (...wanted: string[]) => wanted.every((name) => names.includes(name));
  if (has('R', 'G', 'B')) return has('A') ? 'RGBA' : 'RGB';
  if (has('Y', 'RY', 'BY')) return 'YC';
  return has('Y') ? 'Y' : undefined;
}

/** Parses a timecode of SMPTE ST 12: two decimal digits in each byte, with flags in the upper bits. */
function timecodeOf(value: Buffer | undefined): string | undefined {
  if (value?.length !== 8) return undefined;
  const packed = value.readUInt32LE(0);
  const digits = (at: number, tensBits: number) =>
    ((packed >>> (at + 4)) & ((1 << tensBits) - 1)) * 10 + ((packed >>> at) & 0xf);
  const [frames, seconds, minutes, hours] = [digits(0, 2), digits(8, 3), digits(16, 3), digits(24, 2)];
  if (hours > 23 || minutes > 59 || seconds > 59 || frames > 39) return undefined;
  const two = (number: number) => String(number).padStart(2, '0');
  const isDrop = (packed & 0x40) !== 0;
  return `${two(hours)}:${two(minutes)}:${two(seconds)}${isDrop ? ';' : ':'}${two(frames)}`;
}

const labels = [
  'owner',
  'comments',
  'capDate',
  'software',
  'reelName',
  'imageCounter',
  'cameraModel',
  'writer',
  'name',
  'view',
];

function textsOf(part: ExrPart): Record<string, string | undefined> {
  return Object.fromEntries(
    labels.map((label) => {
      const attribute = part.get(label);
      if (attribute?.type === 'string') return [label, textFact(attribute.value.toString('utf8'))];
      if (attribute?.type === 'int' && attribute.value.length === 4)
        return [label, String(attribute.value.readInt32LE(0))];
      return [label, undefined];
    }),
  );
}
