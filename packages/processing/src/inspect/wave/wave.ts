/** Reads WAVE, Broadcast WAVE, RF64 and BW64 by their headers; never the sound itself. */
import { frameRateInName } from '@turnover/domain/media/timecodes';
import type { MediaProblem } from '@turnover/domain/media/media-problems';
import { readBroadcastExtension, readIXml, timecodeOfSample } from './broadcast.ts';
import { empty, truncated, unreadable, type InspectionFailed, type InspectionRead } from '../outcome.ts';
import { reportOf } from '../report.ts';
import type { Source } from '../source.ts';
import { millisecondsOf } from '../values.ts';
import { readChunks, type Chunk, type WaveFile } from './chunks.ts';
import { readWaveFormat } from './format.ts';

const maxBextBytes = 602 + 4096;
const maxXmlBytes = 256 * 1024;

export function readWave(source: Source, name: string): InspectionRead | InspectionFailed {
  const wave = readChunks(source);
  if (!wave) return unreadable('damaged_header');
  const chunk = (id: string) => wave.chunks.find((each) => each.id === id);
  const fmt = chunk('fmt ');
  const format = fmt && readWaveFormat(source.read(fmt.at, Math.min(fmt.sizeBytes, 64)));
  const data = chunk('data');
  if (data && data.at + data.sizeBytes > source.sizeBytes) {
    return truncated(source.sizeBytes, data.at + data.sizeBytes);
  }
  const end = wave.endByHeader;
  // The padding of an odd chunk is often missing at the end.
  if (end !== null && end > source.sizeBytes + 1) return truncated(source.sizeBytes, end);
  if (!format) return unreadable('no_format_chunk');
  if (!data) return unreadable('no_data_chunk');
  if (data.sizeBytes === 0) {
    // The size is missing, because the recorder lost power before it wrote it.
    const isFollowed = source.sizeBytes > Math.max(end ?? 0, data.at) + maxBytesBehind;
    return isFollowed ? unreadable('damaged_header') : empty;
  }

  const durationMs = durationOf(data.sizeBytes, format);
  const bext = chunk('bext');
  const extension =
    bext && readBroadcastExtension(source.read(bext.at, Math.min(bext.sizeBytes, maxBextBytes)));
  const ixml = chunk('iXML');
  const production = ixml && readIXml(textIn(source, ixml));
  const rate = production?.rate ?? frameRateInName(name);
  const startTimecode =
    extension && rate && format.sampleRate > 0
      ? timecodeOfSample(extension.timeReference, format.sampleRate, rate)
      : undefined;
  const report = reportOf({
    reader: 'turnover',
    container: wave.container,
    durationMs,
    bitRate: format.track.bitRate,
    startTimecode,
    dropFrame: startTimecode === undefined ? undefined : startTimecode.includes(';'),
    tracks: [{ ...format.track, ...(durationMs !== undefined && { durationMs }) }],
    details: {
      ...extension?.details,
      ...production?.details,
      ...audioModel(source, wave),
    },
  });
  return { kind: 'read', report, problems: problemsOf(source, wave, format.blockBytes, data) };
}

function durationOf(
  bytes: number,
  { blockBytes, sampleRate, bytesPerSecond, track }: NonNullable<ReturnType<typeof readWaveFormat>>,
): number | undefined {
  if (track.codec === 'PCM' && blockBytes > 0 && sampleRate > 0) {
    return millisecondsOf(Math.floor(bytes / blockBytes) / sampleRate);
  }
  return bytesPerSecond > 0 ? millisecondsOf(bytes / bytesPerSecond) : undefined;
}

/**
 * Returns the audio definition model. An object-based mix has an `axml` chunk, and `chna` assigns the channels to its
 * objects.
 */
function audioModel(source: Source, { chunks }: WaveFile): Record<string, string | undefined> {
  const chna = chunks.find(({ id }) => id === 'chna');
  const head = chna && source.read(chna.at, 4);
  const axml = chunks.find(({ id }) => id === 'axml');
  return {
    'adm.tracks': head?.length === 4 ? String(head.readUInt16LE(0)) : undefined,
    'adm.xmlBytes': axml && String(axml.sizeBytes),
  };
}

function textIn(source: Source, chunk: Chunk): string {
  return source.read(chunk.at, Math.min(chunk.sizeBytes, maxXmlBytes)).toString('utf8').replace(/\0+$/, '');
}

/** Some programs append their own bytes after the end; only more than padding is reported. */
const maxBytesBehind = 8;

function problemsOf(source: Source, wave: WaveFile, blockBytes: number, data: Chunk): MediaProblem[] {
  const problems: MediaProblem[] = [];
  const { endByHeader } = wave;
  const dataEnd = data.at + data.sizeBytes;
  if (endByHeader !== null && (source.sizeBytes > endByHeader + maxBytesBehind || dataEnd > endByHeader)) {
    problems.push({
      code: 'header_differs',
      measured: `${source.sizeBytes} bytes`,
      wanted: `${endByHeader} bytes`,
    });
  }
  const channels = wave.chunks.find(({ id }) => id === 'fmt ') && blockBytes;
  if (channels && data.sizeBytes % blockBytes !== 0) {
    problems.push({
      code: 'header_differs',
      track: 0,
      measured: `${data.sizeBytes} bytes of sound`,
      wanted: `a multiple of ${blockBytes}`,
    });
  }
  return problems;
}
