/** Draws the waveform of a file: one lane for each channel, with the played part in the accent colour. */
import type { Peaks } from '@turnover/domain/media/peaks';

export type WaveformColours = { played: string; ahead: string; line: string };

/** With more channels the lanes would be too thin, so all channels share one lane. */
const maxLanes = 12;

/** Returns the number of lanes. The stereo sound of a picture also shares one lane. */
export function laneCount({ channels }: Peaks, isShared: boolean): number {
  return isShared || channels > maxLanes ? 1 : channels;
}

/** Draws the waveform. `share`: the played fraction of the file, from 0 to 1. `duration` is in seconds. */
export function drawWaveform(
  canvas: HTMLCanvasElement,
  peaks: Peaks,
  {
    lanes,
    duration,
    share,
    colours,
  }: { lanes: number; duration: number; share: number; colours: WaveformColours },
): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const { width, height } = canvas;
  const laneHeight = height / lanes;
  context.clearRect(0, 0, width, height);
  for (let lane = 0; lane < lanes; lane += 1) {
    const channels = lanes === 1 ? peaks.pairs : [peaks.pairs[lane]!];
    const middle = (lane + 0.5) * laneHeight;
    context.fillStyle = colours.line;
    context.fillRect(0, middle, width, 1);
    for (let x = 0; x < width; x += 1) {
      context.fillStyle = x < share * width ? colours.played : colours.ahead;
      const [low, high] = extremes(
        channels,
        (x / width) * duration,
        ((x + 1) / width) * duration,
        peaks.pairsPerSecond,
      );
      const top = middle - (high / 127) * (laneHeight / 2 - 1);
      const bottom = middle - (low / 127) * (laneHeight / 2 - 1);
      context.fillRect(x, top, 1, Math.max(1, bottom - top));
    }
  }
}

function extremes(
  channels: readonly Int8Array[],
  from: number,
  to: number,
  pairsPerSecond: number,
): [low: number, high: number] {
  let [low, high] = [0, 0];
  const first = Math.floor(from * pairsPerSecond);
  const last = Math.max(first + 1, Math.floor(to * pairsPerSecond));
  for (const pairs of channels) {
    for (let pair = first; pair < last && pair * 2 + 1 < pairs.length; pair += 1) {
      low = Math.min(low, pairs[pair * 2]!);
      high = Math.max(high, pairs[pair * 2 + 1]!);
    }
  }
  return [low, high];
}
