/** The facts of an inspected file, as names and values. */
import type {
  MediaReport,
  MediaTrack,
  PictureTrack,
  SoundTrack,
  TextTrack,
} from '@turnover/domain/media/media-report';
import { timeOfMs } from '@turnover/domain/media/timecodes';
import * as m from '@turnover/messages/messages';
import { formatNumber } from '#lib/format.ts';

export type ReportFact = { label: string; value: string };

export function factsOfReport(report: MediaReport): ReportFact[] {
  const { container, durationMs, startTimecode, dropFrame, bitRate, tracks, trackCount } = report;
  const facts: ReportFact[] = [{ label: m.media_container(), value: container }];
  if (durationMs !== undefined) facts.push({ label: m.media_duration(), value: timeOfMs(durationMs) });
  if (startTimecode !== undefined) {
    const drop = dropFrame === undefined ? [] : [dropFrame ? m.media_drop_frame() : m.media_non_drop()];
    facts.push({ label: m.media_start(), value: joined([startTimecode, ...drop]) });
  }
  if (bitRate !== undefined) facts.push({ label: m.media_bit_rate(), value: bitsASecond(bitRate) });
  const counts = { picture: 0, sound: 0, text: 0, other: 0 };
  for (const track of tracks) {
    counts[track.kind] += 1;
    const number = formatNumber(counts[track.kind]);
    facts.push({ label: trackLabels[track.kind]({ number }), value: describeTrack(track) });
  }
  const more = (trackCount ?? tracks.length) - tracks.length;
  if (more > 0) facts.push({ label: '', value: m.media_tracks_more({ count: more }) });
  return facts;
}

/** Returns the name of the program that read the file, with its version. */
export function readerName(reader: string): string {
  return reader.replace(/^turnover\b/, 'Turnover').replace(/^mediainfo\b/, 'MediaInfo');
}

const trackLabels = {
  picture: m.media_track_picture,
  sound: m.media_track_sound,
  text: m.media_track_text,
  other: m.media_track_other,
};

const scanWords = {
  interlaced: m.media_interlaced,
  progressive: m.media_progressive,
  segmented: m.media_segmented,
};

function describeTrack(track: MediaTrack): string {
  const name = joined([track.codec, track.codecProfile], ' ');
  if (track.kind === 'picture') return joined([name, ...describePicture(track)]);
  if (track.kind === 'sound') return joined([name, ...describeSound(track)]);
  if (track.kind === 'text') return joined([name, ...describeText(track)]);
  return joined([name, track.language]);
}

function describePicture(track: PictureTrack): (string | undefined)[] {
  const { width, height, frameRate, scan, chroma, frames, hdrFormat, maxCll, maxFall } = track;
  return [
    width && height ? `${width}×${height}` : undefined,
    track.dataWindow,
    track.compression,
    rateText(frameRate),
    scan && scanWords[scan](),
    bitsText(track),
    chroma,
    joined([track.primaries, track.transfer, track.matrix], '/'),
    track.range,
    hdrFormat,
    masteringText(track),
    maxCll === undefined ? undefined : `MaxCLL ${formatNumber(maxCll)}`,
    maxFall === undefined ? undefined : `MaxFALL ${formatNumber(maxFall)}`,
    frames === undefined ? undefined : m.media_frames({ count: frames }),
  ];
}

function masteringText({ masteringMin, masteringMax }: PictureTrack): string | undefined {
  if (masteringMin === undefined || masteringMax === undefined) return undefined;
  return m.media_mastering({
    min: formatNumber(masteringMin, { maximumFractionDigits: 4 }),
    max: formatNumber(masteringMax),
  });
}

function describeSound(track: SoundTrack): (string | undefined)[] {
  const { channels, layout, sampleRate, language } = track;
  return [
    channels === undefined ? undefined : m.media_channels({ count: channels }),
    layout,
    sampleRate === undefined
      ? undefined
      : `${formatNumber(sampleRate / 1000, { maximumFractionDigits: 3 })} kHz`,
    bitsText(track),
    language,
  ];
}

function describeText({ cues, encoding, frameRate, language }: TextTrack): (string | undefined)[] {
  return [
    cues === undefined ? undefined : m.media_cues({ count: cues }),
    encoding,
    rateText(frameRate),
    language,
  ];
}

function rateText(rate: PictureTrack['frameRate']): string | undefined {
  return rate && `${formatNumber(rate[0] / rate[1], { maximumFractionDigits: 3 })} fps`;
}

function bitsText({ bitDepth, isFloat }: PictureTrack | SoundTrack): string | undefined {
  if (bitDepth === undefined) return undefined;
  const number = formatNumber(bitDepth);
  return isFloat ? m.media_bits_float({ number }) : m.media_bits({ number });
}

function bitsASecond(rate: number): string {
  const units = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s'];
  const unit = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, rate)) / 3)));
  return `${formatNumber(rate / 1000 ** unit, { maximumFractionDigits: 1 })} ${units[unit]}`;
}

function joined(parts: readonly (string | undefined)[], between = ' · '): string {
  return parts.filter((part) => part !== undefined && part !== '').join(between);
}
