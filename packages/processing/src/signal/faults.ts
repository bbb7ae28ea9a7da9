/** Finds silence, clipping, silent channels, dual mono and inverted phase in sound, in one pass. */
import type { MediaProblem } from '@turnover/domain/media/media-problems';
import { lasting } from './judge.ts';

export type FaultFinder = {
  feed(channels: readonly Float64Array[], frames: number): void;
  /** Ends the measurement and returns the problems. */
  result(): MediaProblem[];
};

/** Below -60 dBFS on every channel. */
const silenceLevel = 0.001;
/** Three adjacent samples at full scale count as clipped; one or two can be chance. */
export const fullScale = 0.999_98;
export const clippedSamples = 3;
const maxListed = 50;
/** With a correlation of left and right below this, a mono sum loses most of the sound. */
const invertedCorrelation = -0.5;

/** `silenceSeconds`: how long silence may last. */
export function faultFinder(channelCount: number, sampleRate: number, silenceSeconds: number): FaultFinder {
  const toMs = (frame: number) => Math.round((frame / sampleRate) * 1000);
  const silences: MediaProblem[] = [];
  const clips: MediaProblem[] = [];
  const largest = new Float64Array(channelCount);
  const runs = new Uint32Array(channelCount);
  /** For each frame of this call: 1 when any channel is above silence. */
  let audible = new Uint8Array(0);
  let position = 0;
  let quietSince = 0;
  let clipUntil = -1;
  let [sumLeft, sumRight, product, difference] = [0, 0, 0, 0];

  function endSilence(at: number): void {
    if (at - quietSince < silenceSeconds * sampleRate || silences.length >= maxListed) return;
    silences.push({
      code: 'silence',
      fromMs: toMs(quietSince),
      toMs: toMs(at),
      ...lasting((at - quietSince) / sampleRate, silenceSeconds),
    });
  }

  /**
   * Notes a clipped sample. Reports at most one problem per second, because a clipped passage has hundreds of clipped
   * peaks.
   */
  function noteClip(at: number, channel: number): void {
    if (at < clipUntil || clips.length >= maxListed) return;
    clipUntil = at + sampleRate;
    clips.push({ code: 'clipping', fromMs: toMs(at), measured: String(channel + 1) });
  }

  function feedChannel(samples: Float64Array, frames: number, channel: number): void {
    let max = largest[channel]!;
    let run = runs[channel]!;
    for (let at = 0; at < frames; at += 1) {
      const level = Math.abs(samples[at]!);
      if (level > max) max = level;
      if (level >= silenceLevel) audible[at] = 1;
      run = level >= fullScale ? run + 1 : 0;
      if (run === clippedSamples) noteClip(position + at, channel);
    }
    largest[channel] = max;
    runs[channel] = run;
  }

  function feedSilence(frames: number): void {
    for (let at = 0; at < frames; at += 1) {
      if (audible[at] === 0) continue;
      if (position + at > quietSince) endSilence(position + at);
      quietSince = position + at + 1;
    }
  }

  function feedStereo(left: Float64Array, right: Float64Array, frames: number): void {
    for (let at = 0; at < frames; at += 1) {
      const [l, r] = [left[at]!, right[at]!];
      sumLeft += l * l;
      sumRight += r * r;
      product += l * r;
      difference = Math.max(difference, Math.abs(l - r));
    }
  }

  function stereoProblems(): MediaProblem[] {
    if (channelCount !== 2 || sumLeft === 0 || sumRight === 0) return [];
    if (difference === 0) return [{ code: 'dual_mono' }];
    const correlation = product / Math.sqrt(sumLeft * sumRight);
    return correlation < invertedCorrelation
      ? [{ code: 'phase_inverted', measured: correlation.toFixed(2) }]
      : [];
  }

  return {
    feed(channels, frames) {
      if (audible.length < frames) audible = new Uint8Array(frames);
      audible.fill(0);
      channels.forEach((samples, channel) => feedChannel(samples, frames, channel));
      feedSilence(frames);
      if (channelCount === 2) feedStereo(channels[0]!, channels[1]!, frames);
      position += frames;
    },
    result() {
      if (position === 0) return [];
      if (largest.every((level) => level < silenceLevel)) return [{ code: 'silent_file' }];
      endSilence(position);
      const silentChannels = Array.from(largest).flatMap((level, channel): MediaProblem[] =>
        level < silenceLevel ? [{ code: 'channel_silent', measured: String(channel + 1) }] : [],
      );
      return [...silentChannels, ...stereoProblems(), ...silences, ...clips];
    },
  };
}
